using System.Globalization;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>The instances of WMI classes, as the AdminService shows them.</summary>
internal static class Wmi
{
    /// <summary>Times that mean "never".</summary>
    private const string Epoch = "1970-01-01T00:00:00Z";
    private const string OldEpoch = "1980-01-01T06:00:00Z";

    /// <summary>A collection with all its properties.</summary>
    public static JsonObject Collection(Collection c, string folder)
    {
        return new JsonObject
        {
            ["CloudSyncCount"] = 0,
            ["CollectionID"] = c.Id,
            ["CollectionType"] = 2,
            ["CollectionVariablesCount"] = 0,
            ["Comment"] = c.Comment ?? "",
            ["CurrentStatus"] = c.CurrentStatus,
            ["FullEvaluationLastRefreshTime"] = c.LastRefresh is { } full ? Timestamp.Of(full) : Epoch,
            ["FullEvaluationMemberChanges"] = 0,
            ["FullEvaluationMemberChangeTime"] = c.LastMemberChange is { } fullChange ? Timestamp.Of(fullChange) : Epoch,
            ["FullEvaluationNextRefreshTime"] = Epoch,
            ["FullEvaluationRunTime"] = 0,
            ["HasProvisionedMember"] = c.Members.Count > 0,
            ["IncludeExcludeCollectionsCount"] = c.Included.Count() + c.Excluded.Count(),
            ["IncrementalEvaluationLastRefreshTime"] = Epoch,
            ["IncrementalEvaluationMemberChanges"] = 0,
            ["IncrementalEvaluationMemberChangeTime"] = Epoch,
            ["IncrementalEvaluationRunTime"] = 0,
            ["IsBuiltIn"] = c.IsBuiltIn,
            ["IsReferenceCollection"] = c.LimitTo is null,
            ["ISVData"] = null,
            ["ISVDataSize"] = 0,
            ["ISVString"] = null,
            ["LastChangeTime"] = Timestamp.Of(c.LastChange),
            ["LastMemberChangeTime"] = c.LastMemberChange is { } change ? Timestamp.Of(change) : OldEpoch,
            ["LastRefreshTime"] = c.LastRefresh is { } refresh ? Timestamp.Of(refresh) : OldEpoch,
            ["LimitToCollectionID"] = c.LimitTo?.Id ?? "",
            ["LimitToCollectionName"] = c.LimitTo?.Name ?? "",
            ["LocalMemberCount"] = c.MemberCount,
            ["MemberClassName"] = $"SMS_CM_RES_COLL_{c.Id}",
            ["MemberCount"] = c.MemberCount,
            ["MonitoringFlags"] = 0,
            ["Name"] = c.Name,
            ["ObjectPath"] = folder,
            ["OwnedByThisSite"] = true,
            ["PowerConfigsCount"] = 0,
            ["RefreshType"] = c.RefreshType,
            ["ReplicateToSubSites"] = true,
            ["ServicePartners"] = 0,
            ["ServiceWindowsCount"] = 0,
            ["UseCluster"] = false,
            ["CollectionRules"] = new JsonArray([.. c.Rules.Select(r => r.DeepClone())]),
            ["RefreshSchedule"] = new JsonArray(),
        };
    }

    /// <summary>A discovery record (SMS_R_System).</summary>
    public static JsonObject System(Computer c, string siteCode) => new()
    {
        ["AADDeviceID"] = c.Seed.InEntra ? c.DeviceId.ToString() : null,
        ["AADTenantID"] = c.Seed.InEntra ? LabServer.LabTenantId : null,
        ["Active"] = 1,
        ["ADSiteName"] = "Default-First-Site-Name",
        ["AgentName"] = new JsonArray("Heartbeat Discovery"),
        ["Build"] = string.Join('.', c.OsVersion.Split('.').Take(3)),
        ["BuildExt"] = c.OsVersion,
        ["Client"] = c.Seed.WithoutClient ? null : 1,
        ["ClientType"] = 1,
        ["ClientVersion"] = "5.00.9146.1000",
        ["Decommissioned"] = 0,
        ["DistinguishedName"] = null,
        ["FullDomainName"] = c.Domain.ToUpperInvariant(),
        ["HardwareID"] = null,
        ["IPSubnets"] = new JsonArray(),
        ["LastLogonUserName"] = null,
        ["MACAddresses"] = new JsonArray(),
        ["Name"] = c.Seed.Name,
        ["NetbiosName"] = c.Seed.Name,
        ["Obsolete"] = c.Seed.Obsolete ? 1 : 0,
        ["OperatingSystemNameandVersion"] = OsName(c),
        ["ResourceDomainORWorkgroup"] = c.Domain.Length > 0 ? c.Domain.Split('.')[0].ToUpperInvariant() : "WORKGROUP",
        ["ResourceId"] = c.ResourceId,
        ["ResourceType"] = 5,
        ["SMBIOSGUID"] = LabState.Invent($"smbios {c.SmsId}").ToString().ToUpperInvariant(),
        ["SerialNumber"] = c.Seed.Serial,
        ["SMSAssignedSites"] = new JsonArray(siteCode),
        ["SMSUniqueIdentifier"] = c.SmsId,
        ["SystemOUName"] = new JsonArray(),
    };

    /// <summary>A row of the console's device list, also as member of a collection (SMS_CombinedDeviceResources, SMS_CM_RES_COLL_*).</summary>
    public static JsonObject DeviceResource(Computer c, string siteCode) => new()
    {
        ["AADDeviceID"] = c.IsInEntra ? c.DeviceId.ToString() : null,
        ["ClientActiveStatus"] = 1,
        ["ClientVersion"] = "5.00.9146.1000",
        ["CoManaged"] = c.Seed.InIntune,
        ["DeviceOS"] = OsName(c),
        ["DeviceOSBuild"] = c.OsVersion,
        ["Domain"] = c.Domain.Length > 0 ? c.Domain.Split('.')[0].ToUpperInvariant() : "WORKGROUP",
        ["IsActive"] = true,
        ["IsApproved"] = 1,
        ["IsAssigned"] = true,
        ["IsBlocked"] = false,
        ["IsClient"] = !c.Seed.WithoutClient,
        ["IsDecommissioned"] = false,
        ["IsObsolete"] = c.Seed.Obsolete,
        ["LastActiveTime"] = Timestamp.Of(c.LastSeen),
        ["LastDDR"] = Timestamp.Of(c.LastSeen),
        ["LastHardwareScan"] = Timestamp.Of(c.LastSeen),
        ["LastPolicyRequest"] = Timestamp.Of(c.LastSeen),
        ["Name"] = c.Seed.Name,
        ["ResourceID"] = c.ResourceId,
        ["ResourceType"] = 5,
        ["SerialNumber"] = c.Seed.Serial,
        ["SiteCode"] = siteCode,
        ["SMSID"] = c.SmsId,
    };

    /// <summary>Co-management (SMS_Client_ComanagementState).</summary>
    public static JsonObject CoManagement(Computer c) => new()
    {
        ["Authority"] = null,
        ["ComgmtPolicyPresent"] = c.Seed.CoManagementFlags != 0 ? 1 : 0,
        ["MDMEnrolled"] = c.Seed.InIntune ? 1 : 0,
        ["MDMProvisioned"] = c.Seed.InIntune ? 1 : 0,
        ["MDMWorkloads"] = c.Seed.CoManagementFlags,
        ["ResourceID"] = c.ResourceId,
    };

    private static string OsName(Computer c) => c.Seed.IsServer ? "Microsoft Windows NT Advanced Server 10.0" : "Microsoft Windows NT Workstation 10.0";

    /// <summary>A membership (SMS_FullCollectionMembership).</summary>
    public static JsonObject Membership(Collection collection, Computer c, string siteCode) => new()
    {
        ["CollectionID"] = collection.Id,
        ["Domain"] = c.Domain.Length > 0 ? c.Domain.Split('.')[0].ToUpperInvariant() : "WORKGROUP",
        ["IsActive"] = true,
        ["IsAssigned"] = true,
        ["IsClient"] = !c.Seed.WithoutClient,
        ["IsDecommissioned"] = false,
        ["IsDirect"] = collection.Rules.Exists(r => (int?)r["ResourceID"] == c.ResourceId),
        ["IsObsolete"] = c.Seed.Obsolete,
        ["Name"] = c.Seed.Name,
        ["ResourceID"] = c.ResourceId,
        ["ResourceType"] = 5,
        ["SiteCode"] = siteCode,
        ["SMSID"] = c.SmsId,
    };

    /// <summary>What the client reports of Defender (SMS_G_System_AdvancedThreatProtectionHealthStatus).</summary>
    public static JsonObject DefenderHealth(Computer c, string organizationId, DateTimeOffset now) => new()
    {
        ["GroupID"] = 1,
        ["LastConnected"] = Timestamp.Of(now),
        ["OnboardingState"] = 1,
        ["OrgId"] = organizationId,
        ["ResourceID"] = c.ResourceId,
        ["RevisionID"] = 1,
        ["SenseIsRunning"] = true,
        ["TimeStamp"] = Timestamp.Of(now),
    };

    /// <summary>An instance with all that the AdminService puts around it.</summary>
    /// <param name="properties">The instance's own properties.</param>
    /// <param name="className">Its class.</param>
    /// <param name="keys">Its key properties.</param>
    /// <param name="lazy">Properties that lists do not fill.</param>
    /// <param name="siteCode">Site code.</param>
    /// <param name="fullRead">Whether it was read by its key or just created.</param>
    /// <param name="lazyAsNull">Whether lists show lazy properties as null.</param>
    public static JsonObject Dress(JsonObject properties, string className, string[] keys, string[] lazy, string siteCode, bool fullRead, bool lazyAsNull)
    {
        string Key(string name) => properties[name]!.GetValueKind() == global::System.Text.Json.JsonValueKind.String ? $"\"{properties[name]}\"" : properties[name]!.ToJsonString();
        var path = $"{className}.{string.Join(',', keys.Select(k => $"{k}={Key(k)}"))}";
        var ns = $"root\\sms\\site_{siteCode}";
        var row = new JsonObject
        {
            ["@odata.etag"] = string.Join(';', keys.Select(k => Convert.ToString(properties[k], CultureInfo.InvariantCulture))),
            ["__LAZYPROPERTIES"] = new JsonArray([.. lazy.Prepend("__QUALIFIER_SECURITYVERBS").Select(l => JsonValue.Create(l))]),
            ["__QUALIFIER_SECURITYVERBS"] = fullRead ? -1 : null,
        };
        foreach (var (name, value) in properties)
        {
            if (fullRead || !lazy.Contains(name))
            {
                row[name] = value?.DeepClone();
            }
            else if (lazyAsNull)
            {
                row[name] = null;
            }
        }

        row["__GENUS"] = 2;
        row["__CLASS"] = className;
        row["__SUPERCLASS"] = "SMS_BaseClass";
        row["__DYNASTY"] = "SMS_BaseClass";
        row["__RELPATH"] = path;
        row["__PROPERTY_COUNT"] = properties.Count;
        row["__DERIVATION"] = new JsonArray("SMS_BaseClass");
        row["__SERVER"] = "LAB";
        row["__NAMESPACE"] = ns;
        row["__PATH"] = $"\\\\LAB\\{ns}:{path}";
        return row;
    }
}
