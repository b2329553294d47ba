namespace MdbDeploy.Inventory;

/// <summary>What the distinguished names of organisational units say, asked once for each. Not for several threads.</summary>
internal sealed class OrganisationalUnits(TextPool texts)
{
    private Unit?[] known = new Unit?[64];

    /// <summary>What the distinguished name of a number says.</summary>
    public Unit Of(int number)
    {
        if (number >= known.Length)
        {
            Array.Resize(ref known, Math.Max(known.Length * 2, number + 1));
        }

        return known[number] ??= Read(texts[number]!);
    }

    private Unit Read(string dn) => new(
        texts.NumberOf(DirectoryPath.DomainOf(dn)),
        dn.StartsWith("OU=Domain Controllers,DC=", StringComparison.OrdinalIgnoreCase));

    /// <summary>A unit.</summary>
    /// <param name="Domain">Number of its domain's DNS name; 0 when it names none.</param>
    /// <param name="HoldsDomainControllers">Whether it is the unit that Windows puts domain controllers into.</param>
    public sealed record Unit(int Domain, bool HoldsDomainControllers);
}
