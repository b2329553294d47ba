using System.DirectoryServices.Protocols;
using System.Globalization;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>A device as the inventory names it.</summary>
/// <param name="Name">Name of the computer.</param>
/// <param name="Domain">DNS or NetBIOS name of its domain; null when it is not known.</param>
internal sealed record NamedComputer(string Name, string? Domain);

/// <summary>A computer account.</summary>
/// <param name="Name">Its name without the dollar sign.</param>
/// <param name="DistinguishedName">Where it is.</param>
/// <param name="Host">Host name as it stands in DNS; null when it is not known.</param>
internal sealed record ComputerAccount(string Name, string DistinguishedName, string? Host)
{
    /// <summary>A NetBIOS name is the first 15 characters of a computer's name, and its account's name without the dollar sign.</summary>
    private const int NetBiosLength = 15;

    /// <summary>How many names one search asks for.</summary>
    private const int NamesPerSearch = 100;

    /// <summary>The attributes that <see cref="Read"/> looks at.</summary>
    public static readonly string[] Attributes = ["sAMAccountName", "dNSHostName", "objectSid", "primaryGroupID", "userAccountControl"];

    /// <summary>Security identifier; null when it was not read.</summary>
    public string? Sid { get; init; }

    /// <summary>Last part of the security identifier of the primary group; 515 is Domain Computers.</summary>
    public int PrimaryGroup { get; init; } = 515;

    /// <summary>Whether the account is disabled (ADS_UF_ACCOUNTDISABLE, MS-ADTS 2.2.16).</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Reads an account; null when it has no name.</summary>
    public static ComputerAccount? Read(SearchResultEntry entry) => DomainDirectory.Text(entry, "sAMAccountName") is { } account
        ? new ComputerAccount(account.TrimEnd('$'), entry.DistinguishedName, DomainDirectory.Text(entry, "dNSHostName"))
        {
            Sid = DomainDirectory.Bytes(entry, "objectSid") is { } sid ? SecurityIdentifier.Read(sid) : null,
            PrimaryGroup = int.TryParse(DomainDirectory.Text(entry, "primaryGroupID"), NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : 515,
            IsDisabled = int.TryParse(DomainDirectory.Text(entry, "userAccountControl"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var control) && (control & 2) != 0,
        }
        : null;

    /// <summary>Finds the accounts of devices, some hundred names a search.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="devices">The devices; those of other domains are not found.</param>
    /// <param name="cancellationToken">Ends it between two searches.</param>
    /// <returns>What gives the account of each; null when the domain has none.</returns>
    public static Func<NamedComputer, ComputerAccount?> Find(DomainDirectory directory, IEnumerable<NamedComputer> devices, CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<string, ComputerAccount>(StringComparer.OrdinalIgnoreCase);
        foreach (var names in devices.Where(device => IsHere(directory, device)).Select(AccountOf).Distinct(StringComparer.OrdinalIgnoreCase).Chunk(NamesPerSearch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var filter = string.Concat(names.Select(name => $"(sAMAccountName={DirectoryText.InFilter(name)}$)"));
            foreach (var account in (directory.Search(directory.NamingContext, SearchScope.Subtree, $"(&(objectCategory=computer)(|{filter}))", withDescriptor: false, Attributes) ?? []).Select(Read).OfType<ComputerAccount>())
            {
                accounts[account.Name] = account;
            }
        }

        return device => IsHere(directory, device) && accounts.GetValueOrDefault(AccountOf(device)) is { } account && account.Is(device) ? account : null;
    }

    /// <summary>Whether a device is of this domain, or of none that is known: the same name in two domains is two devices.</summary>
    public static bool IsHere(DomainDirectory directory, NamedComputer device) =>
        device.Domain is null || device.Domain.Equals(directory.Domain, StringComparison.OrdinalIgnoreCase) || device.Domain.Equals(directory.NetBiosDomain, StringComparison.OrdinalIgnoreCase);

    // Of two long names that begin alike only one has the account.
    private bool Is(NamedComputer device) => device.Name.Length <= NetBiosLength || (Host is not null && Host.Split('.')[0].Equals(device.Name, StringComparison.OrdinalIgnoreCase));

    private static string AccountOf(NamedComputer device) => device.Name.Length > NetBiosLength ? device.Name[..NetBiosLength] : device.Name;
}
