using System.DirectoryServices.Protocols;
using System.Globalization;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// The directory of a domain over LDAP, signed in and sealed with Kerberos. One domain controller is kept for all that is done, since another may not know yet what this
/// one was told.
/// </summary>
internal sealed class DomainDirectory : IDisposable
{
    private const int PageSize = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LdapConnection connection;
    private readonly Lock turn = new();

    private DomainDirectory(LdapConnection connection, string domain, string namingContext, string? configuration, string server, bool isSamba)
    {
        Domain = domain;
        LinkRoots = configuration is null ? [namingContext] : [namingContext, $"CN=Sites,{configuration}"];
        IsSamba = isSamba;
        this.connection = connection;
        NamingContext = namingContext;
        Server = server;
        // Where the forest keeps it (MS-ADTS 6.1.1.2.1.1.4).
        NetBiosDomain = configuration is null ? null
            : Search($"CN=Partitions,{configuration}", SearchScope.OneLevel, $"(nCName={DirectoryText.InFilter(namingContext)})", withDescriptor: false, "nETBIOSName") is [var partition, ..] ? Text(partition, "nETBIOSName") : null;
    }

    /// <summary>DNS name of the domain.</summary>
    public string Domain { get; }

    /// <summary>The domain's name of before Windows 2000, such as <c>CORP</c>; null when it cannot be read.</summary>
    public string? NetBiosDomain { get; }

    /// <summary>Distinguished name of the domain.</summary>
    public string NamingContext { get; }

    /// <summary>DNS name of the domain controller.</summary>
    public string Server { get; }

    /// <summary>Whether the domain controller is Samba, not Windows.</summary>
    public bool IsSamba { get; }

    /// <summary>Where places are that policies can be linked to: the domain, and the sites of the forest.</summary>
    public IReadOnlyList<string> LinkRoots { get; }

    /// <summary>Distinguished name of the container of Group Policy Objects.</summary>
    public string Policies => $"CN=Policies,CN=System,{NamingContext}";

    /// <summary>Signs in.</summary>
    /// <exception cref="TargetException">The domain controller cannot be reached, or does not accept who signs in.</exception>
    public static DomainDirectory Connect(ActiveDirectorySettings settings)
    {
        // What any domain controller tells anybody: its own full name, which alone Kerberos knows.
        SearchResultEntry root;
        using (var nobody = Bind(settings.Server, AuthType.Anonymous))
        {
            root = Root(nobody, settings.Server);
        }

        var server = Text(root, "dnsHostName") ?? settings.Server;
        var context = Text(root, "defaultNamingContext") ?? throw new TargetException(Problems.DirectoryUnreachable.At(Location.Of(settings.Server), $"'{settings.Server}' is no domain controller."));
        var domain = string.Join('.', context.Split(',').Where(part => part.StartsWith("DC=", StringComparison.OrdinalIgnoreCase)).Select(part => part[3..]));
        return domain.Equals(settings.Domain, StringComparison.OrdinalIgnoreCase)
            ? new DomainDirectory(Bind(server, AuthType.Negotiate), domain, context, Text(root, "configurationNamingContext"), server, Text(root, "vendorName")?.StartsWith("Samba", StringComparison.OrdinalIgnoreCase) == true)
            : throw new TargetException(Problems.DirectoryUnreachable.At(Location.Of(settings.Server), $"'{server}' serves the domain '{domain}', and the project says '{settings.Domain}'."));
    }

    /// <summary>The time of the domain controller, which it tells anybody.</summary>
    /// <exception cref="TargetException">It cannot be reached.</exception>
    public static DateTimeOffset? TimeOf(ActiveDirectorySettings settings)
    {
        using var nobody = Bind(settings.Server, AuthType.Anonymous);
        // Generalised time: 20261123165500.0Z (MS-ADTS 3.1.1.3.2.2).
        return DateTimeOffset.TryParseExact(Text(Root(nobody, settings.Server), "currentTime"), "yyyyMMddHHmmss'.0Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>Searches, all pages.</summary>
    /// <param name="from">Distinguished name to begin at.</param>
    /// <param name="scope">How deep.</param>
    /// <param name="filter">LDAP filter, its values escaped.</param>
    /// <param name="withDescriptor">Whether to read owner, group and access list too.</param>
    /// <param name="attributes">The attributes to read.</param>
    /// <returns>The entries; null when <paramref name="from"/> does not exist.</returns>
    public List<SearchResultEntry>? Search(string from, SearchScope scope, string filter, bool withDescriptor, params string[] attributes)
    {
        var entries = new List<SearchResultEntry>();
        var page = new PageResultRequestControl(PageSize);
        do
        {
            var request = new SearchRequest(from, filter, scope, attributes);
            request.Controls.Add(page);
            if (withDescriptor)
            {
                request.Controls.Add(new SecurityDescriptorFlagControl(SecurityMasks.Owner | SecurityMasks.Group | SecurityMasks.Dacl));
            }

            SearchResponse response;
            try
            {
                response = (SearchResponse)Send(request);
            }
            catch (DirectoryOperationException missing) when (missing.Response?.ResultCode is ResultCode.NoSuchObject or ResultCode.InvalidDNSyntax or ResultCode.Referral)
            {
                // A referral: it is in another domain, which is not this project's.
                return null;
            }
            catch (DirectoryOperationException refused)
            {
                throw Refusal(refused, $"read '{from}'");
            }
            catch (LdapException broken)
            {
                throw Unreachable(Server, broken);
            }

            entries.AddRange(response.Entries.Cast<SearchResultEntry>());
            page.Cookie = response.Controls.OfType<PageResultResponseControl>().FirstOrDefault()?.Cookie ?? [];
        }
        while (page.Cookie.Length > 0);
        return entries;
    }

    /// <summary>One entry; null when it does not exist or may not be seen.</summary>
    public SearchResultEntry? Find(string name, params string[] attributes) => Search(name, SearchScope.Base, "(objectClass=*)", withDescriptor: true, attributes) is [var entry, ..] ? entry : null;

    /// <summary>Sends a request.</summary>
    /// <exception cref="DirectoryOperationException">The directory refused it.</exception>
    /// <exception cref="LdapException">The connection broke.</exception>
    public DirectoryResponse Send(DirectoryRequest request)
    {
        // libldap sends one request of a connection at a time.
        lock (turn)
        {
            return connection.SendRequest(request, Patience);
        }
    }

    /// <summary>Carries out a change, and tells a refusal in words.</summary>
    /// <param name="request">The change.</param>
    /// <param name="what">What it does, as it follows "It is refused to".</param>
    /// <exception cref="TargetException">The directory refused it, or the connection broke.</exception>
    public void Change(DirectoryRequest request, string what)
    {
        try
        {
            Send(request);
        }
        catch (DirectoryOperationException refused)
        {
            throw Refusal(refused, what);
        }
        catch (LdapException broken)
        {
            throw Unreachable(Server, broken);
        }
    }

    private TargetException Refusal(DirectoryOperationException refused, string what) => new(
        (refused.Response?.ResultCode == ResultCode.InsufficientAccessRights ? Problems.DirectoryRightsMissing : Problems.DirectoryRefused)
        .At(Location.None, $"{Server} refused to {what}: {refused.Response?.ResultCode} {refused.Response?.ErrorMessage}".TrimEnd() + "."), refused);

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    /// <summary>The first value of an attribute as text; null when it has none.</summary>
    public static string? Text(SearchResultEntry entry, string attribute) => entry.Attributes[attribute] is { Count: > 0 } values ? values.GetValues(typeof(string))[0] as string : null;

    /// <summary>The first value of an attribute as bytes; null when it has none.</summary>
    public static byte[]? Bytes(SearchResultEntry entry, string attribute) => entry.Attributes[attribute] is { Count: > 0 } values ? values.GetValues(typeof(byte[]))[0] as byte[] : null;

    private static LdapConnection Bind(string server, AuthType authentication)
    {
        var connection = new LdapConnection(new LdapDirectoryIdentifier(server, 389, fullyQualifiedDnsHostName: true, connectionless: false)) { AuthType = authentication, Timeout = Patience };
        connection.SessionOptions.ProtocolVersion = 3;
        connection.SessionOptions.ReferralChasing = ReferralChasingOptions.None;
        if (OperatingSystem.IsWindows() && authentication == AuthType.Negotiate)
        {
            // Elsewhere Kerberos seals by itself, and these options break the bind.
            connection.SessionOptions.Sealing = true;
            connection.SessionOptions.Signing = true;
        }

        try
        {
            connection.Bind();
            return connection;
        }
        catch (LdapException refused)
        {
            connection.Dispose();
            throw Unreachable(server, refused);
        }
        catch (DllNotFoundException missing)
        {
            connection.Dispose();
            throw new TargetException(Problems.DirectoryUnreachable.At(Location.Of(server), "The LDAP library is missing: install libldap-2.5-0 (or libldap2) and libsasl2-modules-gssapi-mit."), missing);
        }
    }

    private static SearchResultEntry Root(LdapConnection connection, string server)
    {
        try
        {
            return ((SearchResponse)connection.SendRequest(new SearchRequest("", "(objectClass=*)", SearchScope.Base, "defaultNamingContext", "configurationNamingContext", "dnsHostName", "vendorName", "currentTime"), Patience)).Entries[0];
        }
        catch (LdapException broken)
        {
            throw Unreachable(server, broken);
        }
    }

    // 81 server down, 49 invalid credentials, 82 local error: Kerberos found no ticket, no service or clocks too far apart (RFC 4511, ldap.h).
    private static TargetException Unreachable(string server, LdapException refused) => new(
        (refused.ErrorCode is 49 or 82 or -2 ? Problems.DirectorySignInFailed : Problems.DirectoryUnreachable).At(Location.Of(server), refused.ErrorCode switch
        {
            49 => $"{server} does not accept who signs in: {refused.ServerErrorMessage ?? refused.Message}.",
            82 or -2 => $"Kerberos gave no ticket for ldap/{server}: {refused.ServerErrorMessage ?? refused.Message}. Look with klist; clocks may differ by five minutes at most, and a server is known by its full name only (LDAPSASL_NOCANON=on keeps the library from looking it up by its address).",
            _ => $"{server} cannot be reached over LDAP: {refused.Message} ({refused.ErrorCode}).",
        }), refused);
}
