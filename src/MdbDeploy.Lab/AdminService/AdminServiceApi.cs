using System.Text.Json.Nodes;
using MdbDeploy.Lab.Entra;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// The AdminService of a Configuration Manager site (learn.microsoft.com/intune/configmgr/develop/adminservice/overview) with its quirks: 201 for actions, a keyed read in
/// an array, lazy properties, noise around each instance, bulk rules that do not work.
/// </summary>
internal sealed class AdminServiceApi
{
    private readonly LabState state;
    private readonly AccessTokens tokens;
    private readonly Collections collections;
    private readonly Folders folders;
    private readonly Dictionary<string, WmiClass> classes;

    public AdminServiceApi(LabState state, AccessTokens tokens)
    {
        this.state = state;
        this.tokens = tokens;
        collections = new Collections(state);
        folders = new Folders(state.Site);
        var site = state.Site;
        WmiClass[] all =
        [
            new("SMS_Collection", ["CollectionID"], () => site.Collections.Where(Sees).Select(c => Wmi.Collection(c, folders.PathOf(c))))
            {
                Lazy = ["CollectionRules", "ISVData", "ISVDataSize", "ISVString", "RefreshSchedule"],
            },
            new("SMS_R_System", ["ResourceId"], () => site.Systems.Values),
            new("SMS_CombinedDeviceResources", ["ResourceID"], () => site.Clients.Select(c => Wmi.DeviceResource(c, site.Code))),
            new("SMS_FullCollectionMembership", ["CollectionID", "ResourceID"], () => site.Collections.Where(Sees).SelectMany(c => c.Members.Select(m => Wmi.Membership(c, m, site.Code)))),
            new("SMS_G_System_AdvancedThreatProtectionHealthStatus", ["GroupID", "ResourceID", "RevisionID"],
                () => site.Clients.Where(state.Onboarding.IsActive).Select(c => Wmi.DefenderHealth(c, state.OrganizationId, state.Now))),
            new("SMS_Client_ComanagementState", ["ResourceID"], () => site.Clients.Where(c => c.Seed.CoManagementFlags != 0).Select(Wmi.CoManagement)),
            new("SMS_CollectionDependencies", ["DependentCollectionID", "RelationshipType", "SourceCollectionID"], () => Dependencies(site)),
            new("SMS_DeploymentInfo", ["DeploymentID"], () => []),
            new("SMS_Site", ["SiteCode"], () =>
            [
                new JsonObject
                {
                    ["BuildNumber"] = 9146, ["InstallDir"] = "C:\\Program Files\\Microsoft Configuration Manager", ["ReportingSiteCode"] = "", ["ServerName"] = "localhost",
                    ["SiteCode"] = site.Code, ["SiteName"] = "MdbDeploy Lab", ["Status"] = 1, ["Type"] = 2, ["Version"] = "5.00.9146.1000",
                },
            ]),
            new(ExtensionData.ClassName, ["GroupID", "ResourceID", "RevisionID"], site.Extension.Rows),
            new("SMS_ObjectContainerNode", ["ContainerNodeID"], folders.Nodes),
            new("SMS_ObjectContainerItem", ["MemberID"], folders.Items),
        ];
        classes = all.ToDictionary(c => c.Name, StringComparer.OrdinalIgnoreCase);
    }

    public LabAnswer Answer(LabRequest request)
    {
        if (!IsSignedIn(request, out var challenge, out var proof))
        {
            return challenge;
        }

        var answer = TryRoute(request);
        return proof is null ? answer : answer.With("WWW-Authenticate", $"Negotiate {proof}");
    }

    private LabAnswer TryRoute(LabRequest request)
    {
        try
        {
            return state.Options.SiteRole switch
            {
                SiteRole.None => throw new AdminServiceException(404, "Access denied  WMI QUERY: "),
                SiteRole.ReadOnly when request.Method != "GET" => throw AdminServiceException.Provider("The user does not have sufficient permissions to perform this operation."),
                _ => Route(request),
            };
        }
        catch (ODataException e)
        {
            return Error(400, e.Message);
        }
        catch (AdminServiceException e)
        {
            return Error(e.Status, e.Message);
        }
    }

    /// <summary>An error in the AdminService's words.</summary>
    public static LabAnswer Error(int status, string message) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["code"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture), ["message"] = message } });

    private bool IsSignedIn(LabRequest request, out LabAnswer challenge, out string? proof)
    {
        proof = null;
        if (request.Segments[0] == "AdminService")
        {
            challenge = new LabAnswer(401).With("WWW-Authenticate", "Negotiate");
            if (Negotiate.Client(request.Header("Authorization")) is not { } user)
            {
                return false;
            }

            proof = user.Answer;
            return true;
        }

        // The token of a site is one for its server application, api://TENANT/APPLICATION.
        challenge = new LabAnswer(401).With("WWW-Authenticate", "Bearer");
        return tokens.Check(request.Header("Authorization"), audience => audience.StartsWith("api://", StringComparison.Ordinal) || audience == request.Origin).ClientId is not null;
    }

    private LabAnswer Route(LabRequest request)
    {
        if (request.Method == "POST" && request.Content.IsEmpty && request.Header("Content-Length") is null)
        {
            return new LabAnswer(411) { Text = ("text/html", "<HTML><HEAD><TITLE>Length Required</TITLE></HEAD><BODY><h2>Length Required</h2><hr><p>HTTP Error 411. The request must be chunked or have a content length.</p></BODY></HTML>") };
        }

        return (request.Method, request.Segments[1..]) switch
        {
            ("GET", ["v1.0"]) => new LabAnswer(200, new JsonObject
            {
                ["@odata.context"] = $"{request.Origin}/{request.Segments[0]}/v1.0/$metadata",
                ["value"] = new JsonArray(new JsonObject { ["name"] = "Collection", ["kind"] = "EntitySet", ["url"] = "Collection" }, new JsonObject { ["name"] = "Device", ["kind"] = "EntitySet", ["url"] = "Device" }),
            }),
            (_, ["v1.0", var name, var id, var action]) when Is(name, "Device") => state.Site.Extension.Act(request, id, action),
            ("GET", ["wmi", var name]) when name.Contains('.', StringComparison.Ordinal) => Static(request, name),
            ("POST", ["wmi", var name]) when Is(name, "SMS_Collection") => Created(request, "SMS_Collection", Shown(collections.Create(Body(request)))),
            ("POST", ["wmi", var name]) when Is(name, "SMS_ObjectContainerNode") => Created(request, "SMS_ObjectContainerNode", folders.CreateNode(Body(request))),
            ("POST", ["wmi", var name]) when Is(name, "SMS_ObjectContainerItem") => Created(request, "SMS_ObjectContainerItem", folders.Place(Body(request))),
            ("POST", ["wmi", var name]) when Is(name, "SMS_ObjectContainerItem.MoveMembers") => Done(request, () => folders.Move(Body(request))),
            ("POST", ["wmi", var name, var id, var action]) when Is(name, "SMS_Collection") => Done(request, () => collections.Act(id, action, Body(request))),
            ("PUT", ["wmi", var name, var id]) when Is(name, "SMS_Collection") => Keyed(request, Class("SMS_Collection"), collections.Replace(id, Body(request)).Id),
            ("DELETE", ["wmi", var name, var id]) when Is(name, "SMS_Collection") => Deleted(() => collections.Delete(id)),
            ("GET", ["wmi", var name]) => List(request, Class(name)),
            ("GET", ["wmi", var name, "$count"]) => Count(request, Class(name)),
            ("GET", ["wmi", var name, var key]) => Keyed(request, Class(name), key),
            _ => throw new AdminServiceException(404, $"No HTTP resource was found that matches the request URI '{request.Origin}{request.Path}'."),
        };
    }

    private bool Sees(Collection collection) => state.Options.SiteRole != SiteRole.Limited || collection.Name.StartsWith("MDB", StringComparison.OrdinalIgnoreCase);

    private JsonObject Shown(Collection collection) => Wmi.Collection(collection, folders.PathOf(collection));

    private WmiClass Class(string name)
    {
        const string MembersPrefix = "SMS_CM_RES_COLL_";
        if (name.StartsWith(MembersPrefix, StringComparison.OrdinalIgnoreCase) && state.Site.Find(name[MembersPrefix.Length..]) is { } collection)
        {
            return new WmiClass($"{MembersPrefix}{collection.Id}", ["ResourceID"], () => collection.Members.Select(c => Wmi.DeviceResource(c, state.Site.Code)));
        }

        return classes.GetValueOrDefault(name) ?? throw new AdminServiceException(404, $"Resource not found for the segment '{name}'.");
    }

    private LabAnswer List(LabRequest request, WmiClass type)
    {
        var query = request.Query;
        CheckNames(query, type);
        IEnumerable<JsonObject> rows = query.Apply(type.Rows()).Skip(query.Number("$skip") ?? 0);
        if (query.Number("$top") is { } top)
        {
            // A cap on the whole result, not the size of a page.
            rows = rows.Take(top);
        }

        var all = rows.ToList();
        var size = state.Options.Habits.AdminServicePageSize;
        var offset = query.Offset();
        var body = new JsonObject
        {
            ["@odata.context"] = Context(request, type.Name),
            ["value"] = new JsonArray([.. all.Skip(offset).Take(size).Select(r => query.Select(Dress(r, type, fullRead: false)))]),
        };
        if (offset + size < all.Count)
        {
            body["@odata.nextLink"] = $"{request.Origin}{request.Path}?{query.NextPage(offset + size)}";
        }

        return new LabAnswer(200, body);
    }

    private static LabAnswer Count(LabRequest request, WmiClass type)
    {
        CheckNames(request.Query, type);
        return new LabAnswer(200) { Text = ("text/plain", request.Query.Apply(type.Rows()).Count().ToString(System.Globalization.CultureInfo.InvariantCulture)) };
    }

    /// <summary>One instance, in an array all the same.</summary>
    private LabAnswer Keyed(LabRequest request, WmiClass type, string key)
    {
        CheckNames(request.Query, type);
        var row = type.Rows().FirstOrDefault(r => string.Equals(r[type.Keys[0]]!.ToString(), key, StringComparison.OrdinalIgnoreCase))
            ?? throw AdminServiceException.NotFound(key);
        return new LabAnswer(200, new JsonObject { ["@odata.context"] = Context(request, type.Name), ["value"] = new JsonArray(request.Query.Select(Dress(row, type, fullRead: true))) });
    }

    private LabAnswer Created(LabRequest request, string type, JsonObject properties)
    {
        var body = new JsonObject { ["@odata.context"] = $"{Context(request, type)}/$entity" };
        foreach (var (name, value) in Dress(properties, classes[type], fullRead: true))
        {
            body[name] = value?.DeepClone();
        }

        return new LabAnswer(201, body);
    }

    /// <summary>The answer to an action: 201, whatever it did.</summary>
    private static LabAnswer Done(LabRequest request, Action act)
    {
        act();
        return new LabAnswer(201, new JsonObject { ["@odata.context"] = Context(request, "__PARAMETERS"), ["ReturnValue"] = 0 });
    }

    private static LabAnswer Deleted(Action act)
    {
        act();
        return new LabAnswer(204);
    }

    /// <summary>Static methods without parameters answer GET, with 201.</summary>
    private static LabAnswer Static(LabRequest request, string name)
    {
        var answer = new JsonObject { ["@odata.context"] = Context(request, "__PARAMETERS"), ["ReturnValue"] = 0 };
        switch (name.ToUpperInvariant())
        {
            case "SMS_IDENTIFICATION.GETSITEID":
                answer["SiteID"] = $"{{{LabState.Invent("site").ToString().ToUpperInvariant()}}}";
                break;
            case "SMS_IDENTIFICATION.GETPROVIDERVERSION":
                answer["Version"] = "5.00.9146.1000";
                break;
            default:
                throw AdminServiceException.NotFound(name);
        }

        return new LabAnswer(201, answer);
    }

    private JsonObject Dress(JsonObject properties, WmiClass type, bool fullRead) =>
        Wmi.Dress(properties, type.Name, type.Keys, type.Lazy, state.Site.Code, fullRead, state.Options.Habits.LazyPropertiesAsNull);

    /// <summary>A name that the class does not have makes the whole address unknown.</summary>
    private static void CheckNames(ODataQuery query, WmiClass type)
    {
        if (type.Rows().FirstOrDefault() is not { } row)
        {
            return;
        }

        var names = query.List("$select").Where(n => n != "*")
            .Concat(query.List("$orderby").Select(n => n.Split(' ')[0]))
            .Concat(query["$filter"] is { } filter ? ODataFilter.Parse(filter).Properties : []);
        if (names.FirstOrDefault(n => !n.StartsWith("__", StringComparison.Ordinal) && !row.Any(p => string.Equals(p.Key, n, StringComparison.OrdinalIgnoreCase))) is { } unknown)
        {
            throw new AdminServiceException(404, $"Could not find a property named '{unknown}' on type 'AdminService.{type.Name}'.");
        }
    }

    private static IEnumerable<JsonObject> Dependencies(Site site)
    {
        static JsonObject Row(string dependent, int kind, string source) => new() { ["DependentCollectionID"] = dependent, ["RelationshipType"] = kind, ["SourceCollectionID"] = source };
        return site.Collections.SelectMany(c =>
            (c.LimitTo is { } limit ? [Row(c.Id, 1, limit.Id)] : Enumerable.Empty<JsonObject>())
                .Concat(c.Included.Select(i => Row(c.Id, 2, i)))
                .Concat(c.Excluded.Select(e => Row(c.Id, 3, e))));
    }

    private static string Context(LabRequest request, string type) => $"{request.Origin}/{request.Segments[0]}/wmi/$metadata#{type}";

    private static bool Is(string name, string expected) => string.Equals(name, expected, StringComparison.OrdinalIgnoreCase);

    private static JsonObject Body(LabRequest request) =>
        request.ReadObject() ?? throw new AdminServiceException(400, "The request is invalid: the body is not a JSON object.");

    private sealed record WmiClass(string Name, string[] Keys, Func<IEnumerable<JsonObject>> Rows)
    {
        public string[] Lazy { get; init; } = [];
    }
}

/// <summary>What a handler throws to answer an error.</summary>
internal sealed class AdminServiceException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    public static AdminServiceException NotFound(string key) => new(404, $"No instance with the key '{key}' was found.");

    public static AdminServiceException Provider(string message) => new(500, message);
}
