using System.Collections.Immutable;
using System.DirectoryServices.Protocols;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// Links of Group Policy Objects: one set for the domain or for one object, its items <c>{GUID}@PLACE</c> with the place's distinguished name. Everybody else's links in the attribute
/// <c>gPLink</c> keep their text and order.
/// </summary>
/// <param name="directory">The directory.</param>
internal sealed class GroupPolicyLinks(DomainDirectory directory)
{
    /// <summary>The set with its places as the directory spells them: blanks and case make no other place of one.</summary>
    public Resource Spell(Resource set)
    {
        var body = (JsonObject)set.Body.DeepClone();
        foreach (var item in body["links"]!.AsArray())
        {
            var (gpo, place) = (TextOf(item)[..TextOf(item).IndexOf('@', StringComparison.Ordinal)], PlaceOf(TextOf(item)));
            item!["link"] = $"{gpo}@{directory.Find(place, "gPLink")?.DistinguishedName ?? place}";
        }

        return set with { Body = body };
    }

    /// <summary>The links in the places that are desired, and wherever else our objects are linked.</summary>
    /// <param name="set">The desired set.</param>
    /// <param name="owner">What the set belongs to: identifier of an object, or the domain.</param>
    /// <param name="ours">Identifiers of our objects.</param>
    /// <param name="isOfSet">Whether the links of an object belong to the set.</param>
    /// <param name="diagnostics">Receives places that do not exist.</param>
    public LiveResource Read(Resource set, string owner, IEnumerable<string> ours, Func<string, bool> isOfSet, ICollection<Diagnostic> diagnostics)
    {
        var places = new SortedDictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var place in Items(set.Body).Select(PlaceOf).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (directory.Find(place, "gPLink") is { } entry)
            {
                places[place] = DomainDirectory.Text(entry, "gPLink");
            }
            else if (diagnostics.All(d => d.Where != Location.Of(place)))
            {
                diagnostics.Add(Problems.LinkPlaceMissing.At(Location.Of(place), $"There is no '{place}' in the domain, or you may not see it."));
            }
        }

        foreach (var entry in ours.SelectMany(Linked).Where(entry => !places.ContainsKey(entry.DistinguishedName)))
        {
            places[entry.DistinguishedName] = DomainDirectory.Text(entry, "gPLink");
        }

        return Live(set, owner, places, isOfSet);
    }

    /// <summary>Adds and takes away ours.</summary>
    public LiveResource Write(Change change)
    {
        var places = new SortedDictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var add = change.Fields.Where(f => f.Actual is null).Select(f => TextOf(f.Desired)).ToList();
        var remove = change.Fields.Where(f => f.Desired is null).Select(f => TextOf(f.Actual)).ToList();
        foreach (var place in add.Concat(remove).Select(PlaceOf).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            places[place] = Rewrite(place, [.. add.Where(Is).Select(GpoOf)], [.. remove.Where(Is).Select(GpoOf)]);

            bool Is(string item) => PlaceOf(item).Equals(place, StringComparison.OrdinalIgnoreCase);
        }

        return Live(change.Desired!, change.Actual?.RemoteId ?? change.Desired!.Path, places, _ => true);
    }

    /// <summary>Takes away every link of an object, wherever it is linked: a link to what is gone would stay as "not found" in the console.</summary>
    public void Unlink(string gpo)
    {
        foreach (var place in Linked(gpo))
        {
            Rewrite(place.DistinguishedName, [], [gpo.ToUpperInvariant()]);
        }
    }

    private List<SearchResultEntry> Linked(string gpo) =>
        [.. directory.LinkRoots.SelectMany(root => directory.Search(root, SearchScope.Subtree, $"(gPLink=*{gpo}*)", withDescriptor: false, "gPLink") ?? [])];

    private string Rewrite(string place, ImmutableHashSet<string> add, ImmutableHashSet<string> remove)
    {
        var before = directory.Find(place, "gPLink") is { } entry ? DomainDirectory.Text(entry, "gPLink")
            : throw new TargetException(Problems.LinkPlaceMissing.At(Location.Of(place), $"There is no '{place}' in the domain."));
        var missing = add.Except(GroupPolicyLink.Parse(before).Select(link => link.Gpo)).Order(StringComparer.Ordinal);
        var after = GroupPolicyLink.Change(before, missing.Select(gpo => $"CN={gpo},{directory.Policies}"), remove);
        if (after != (before ?? ""))
        {
            // Taking away the very value that was read refuses the change when somebody linked something in between.
            var request = new ModifyRequest(place);
            Add(DirectoryAttributeOperation.Delete, before);
            Add(DirectoryAttributeOperation.Add, after.Length == 0 ? null : after);
            directory.Change(request, $"link to '{place}'");

            void Add(DirectoryAttributeOperation operation, string? value)
            {
                if (value is not null)
                {
                    var modification = new DirectoryAttributeModification { Name = "gPLink", Operation = operation };
                    modification.Add(value);
                    request.Modifications.Add(modification);
                }
            }
        }

        return after;
    }

    private static IEnumerable<string> Items(JsonObject body) => body["links"]!.AsArray().Select(TextOf);

    private static string TextOf(JsonNode? item) => item!["link"]!.GetValue<string>();

    private static string PlaceOf(string item) => item[(item.IndexOf('@', StringComparison.Ordinal) + 1)..];

    private static string GpoOf(string item) => item[..item.IndexOf('@', StringComparison.Ordinal)].ToUpperInvariant();

    private static LiveResource Live(Resource set, string owner, SortedDictionary<string, string?> places, Func<string, bool> isOfSet) => new()
    {
        Address = set.Address,
        Kind = set.Kind,
        RemoteId = owner,
        Name = owner,
        Body = new JsonObject
        {
            ["links"] = new JsonArray([.. places.SelectMany(place => GroupPolicyLink.Parse(place.Value).Where(link => isOfSet(link.Gpo)).Select(link => (JsonNode)new JsonObject { ["link"] = $"{link.Gpo}@{place.Key}" }))]),
        },
    };
}
