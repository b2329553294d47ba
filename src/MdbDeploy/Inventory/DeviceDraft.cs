using System.Collections.Immutable;

namespace MdbDeploy.Inventory;

/// <summary>A device being put together from the fields of one row. Of several values for one field the first counts; managers add up.</summary>
internal struct DeviceDraft
{
    private string? name;
    private string? otherName;
    private string? fqdn;
    private string? pathDomain;
    private WindowsEdition osEdition;
    private OsFamily os;
    private bool osIsVague;
    private WindowsEdition edition;
    private DeviceRole role;
    private JoinType join;
    private Management managedBy;
    private VdiKind? vdi;
    private DeviceState? state;
    private bool? goldenImage;
    private bool? onboarded;

    public string? Domain;
    public string? CanonicalName;
    public string? OsName;
    public WindowsBuild? Build;
    public string? BadBuild;
    public int BadBuildColumn;
    public Guid? EntraDeviceId;
    public Guid? IntuneDeviceId;
    public Guid? AdObjectId;
    public string? Serial;
    public string? Ou;
    public string? Site;
    public string? Method;
    public string? Ring;
    public ImmutableArray<string> Tags;
    public string? Image;
    public string? Owner;
    public DateTimeOffset? LastSeen;

    /// <summary>The device's name: as a column gives it, else the first label of its DNS name, else the leaf of its distinguished name.</summary>
    public readonly string? Name => name ?? otherName;

    /// <summary>Operating system family so far.</summary>
    public readonly OsFamily Os => os;

    /// <summary>Takes over a word of a field.</summary>
    public void SetWord(DeviceField field, int code)
    {
        if (code == DeviceFields.Silent)
        {
            return;
        }

        switch (field)
        {
            case DeviceField.Os:
                os = os == OsFamily.Unknown ? (OsFamily)code : os;
                break;
            case DeviceField.Edition:
                edition = edition == WindowsEdition.Unknown ? (WindowsEdition)code : edition;
                break;
            case DeviceField.Role:
                role = role == DeviceRole.Unknown ? (DeviceRole)code : role;
                break;
            case DeviceField.Join:
                join = join == JoinType.Unknown ? (JoinType)code : join;
                break;
            case DeviceField.ManagedBy:
                managedBy |= (Management)code;
                break;
            case DeviceField.Vdi:
                vdi ??= (VdiKind)code;
                break;
            case DeviceField.State:
                state ??= (DeviceState)code;
                break;
            case DeviceField.GoldenImage:
                goldenImage ??= code == 1;
                break;
            case DeviceField.Onboarded:
                onboarded ??= code == 1;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(field), field, "The field has no words.");
        }
    }

    /// <summary>Takes over the parts of a name column.</summary>
    public void SetName(in NameText text, StringPool pool)
    {
        name ??= text.Name.IsEmpty ? null : text.Name.ToString();
        SetDns(text, pool);
        if (!text.DistinguishedName.IsEmpty)
        {
            SetDistinguishedName(text.DistinguishedName, pool);
        }
    }

    /// <summary>Takes over the parts of a DNS name column.</summary>
    public void SetDns(in NameText text, StringPool pool)
    {
        otherName ??= name is null && !text.Name.IsEmpty ? text.Name.ToString() : null;
        if (fqdn is null && !text.Fqdn.IsEmpty)
        {
            Span<char> lower = stackalloc char[text.Fqdn.Length];
            text.Fqdn.ToLowerInvariant(lower);
            fqdn = lower.ToString();
        }

        // DOMAIN\NAME says which directory it is; the suffix of a DNS name need not, and is used when nothing else does.
        if (!text.Domain.IsEmpty && text.Fqdn.IsEmpty)
        {
            Domain ??= pool.Get(text.Domain);
        }
    }

    /// <summary>Takes over a distinguished name.</summary>
    public void SetDistinguishedName(ReadOnlySpan<char> dn, StringPool pool)
    {
        var leaf = DirectoryPath.LeafOf(dn);
        otherName ??= name is null && !leaf.IsEmpty ? leaf.ToString() : null;
        var parent = DirectoryPath.ParentOf(dn);
        if (!parent.IsEmpty && Ou is null)
        {
            Ou = pool.Get(parent);
            pathDomain = pool.DomainOf(Ou);
        }
    }

    /// <summary>Takes over what the name of an operating system says.</summary>
    public void SetOs(OsText text)
    {
        if (OsName is null)
        {
            OsName = text.Name;
            osIsVague = text.IsVague;
            osEdition = text.Edition;
            os = text.Family == OsFamily.Unknown ? os : text.Family;
        }
    }

    /// <summary>Completes the draft with the constants of its profile and with what follows from the values together.</summary>
    public void Complete(in DeviceDraft constants, StringPool pool)
    {
        os = os == OsFamily.Unknown ? constants.os : os;
        join = join == JoinType.Unknown ? constants.join : join;
        role = role == DeviceRole.Unknown ? constants.role : role;
        managedBy |= constants.managedBy;
        vdi ??= constants.vdi;
        state ??= constants.state;
        onboarded ??= constants.onboarded;
        goldenImage ??= constants.goldenImage;

        // A column for the edition says more than the name of the system, which Intune and Entra word loosely.
        edition = edition == WindowsEdition.Unknown ? osEdition : edition;
        CompleteOs();
        if (CanonicalName is { } canonical)
        {
            CompletePath(canonical, pool);
        }

        if (role == DeviceRole.Unknown)
        {
            role = Ou is { } ou && ou.StartsWith("OU=Domain Controllers,DC=", StringComparison.OrdinalIgnoreCase) ? DeviceRole.DomainController
                : os == OsFamily.WindowsServer ? DeviceRole.Server
                : os == OsFamily.WindowsClient ? DeviceRole.Client
                : DeviceRole.Unknown;
        }

        Domain ??= pathDomain ?? (fqdn is null ? null : pool.Get(DomainNames.SuffixOf(fqdn)));
    }

    /// <summary>The row.</summary>
    public readonly SourceRow ToRow(int source, Origin origin)
    {
        var device = new Device
        {
            Name = Name!,
            Fqdn = fqdn,
            Domain = Domain,
            Os = os,
            OsName = OsName,
            Edition = edition,
            Build = Build,
            Role = role,
            Join = join,
            ManagedBy = managedBy,
            EntraDeviceId = EntraDeviceId,
            IntuneDeviceId = IntuneDeviceId,
            AdObjectId = AdObjectId,
            Serial = Serial,
            Ou = Ou,
            Site = Site,
            RequestedMethod = Method,
            RequestedRing = Ring,
            Tags = Tags.IsDefault ? [] : Tags,
            Vdi = vdi ?? VdiKind.None,
            Image = Image,
            IsGoldenImage = goldenImage ?? false,
            Owner = Owner,
            LastSeen = LastSeen,
            State = state ?? DeviceState.Active,
            IsOnboarded = onboarded,
            Origins = [origin],
        };
        var says = (state is null ? 0 : RowSays.State) | (goldenImage == false ? RowSays.NotGolden : 0) | (osIsVague ? RowSays.VagueOs : 0);
        return new SourceRow(device, source, says);
    }

    private void CompleteOs()
    {
        // Intune and Entra call servers "Windows" too; only the edition tells.
        if (edition == WindowsEdition.Server && os is OsFamily.Unknown or OsFamily.WindowsClient)
        {
            os = OsFamily.WindowsServer;
        }

        switch (os)
        {
            case OsFamily.WindowsServer:
                edition = WindowsEdition.Server;
                osIsVague = false;
                break;
            case OsFamily.WindowsClient or OsFamily.Unknown:
                osIsVague &= edition == WindowsEdition.Unknown;
                break;
            default:
                // A version such as 17.5.1 is right for a telephone.
                edition = WindowsEdition.Unknown;
                Build = null;
                BadBuild = null;
                break;
        }
    }

    private void CompletePath(string canonical, StringPool pool)
    {
        var at = DirectoryPath.LastSeparator(canonical);
        var hasLeaf = at >= 0 && canonical.AsSpan(at + 1).Equals(Name, StringComparison.OrdinalIgnoreCase);
        if (Ou is null && DirectoryPath.FromCanonical(hasLeaf ? canonical.AsSpan(0, at) : canonical) is { } dn)
        {
            Ou = pool.Get(dn);
            pathDomain ??= pool.DomainOf(Ou);
        }
    }
}
