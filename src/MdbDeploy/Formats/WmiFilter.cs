using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>
/// A WMI filter of Group Policy, the directory object msWMI-Som below <c>CN=SOM,CN=WMIPolicy,CN=System</c>: a policy with a filter applies to a computer when each query
/// finds something there. It is never part of a backup. A filter that cannot be read or evaluated counts as false, so that the policy is silently not applied.
/// </summary>
public sealed record WmiFilter
{
    /// <summary>msWMI-ID, also the object's common name.</summary>
    public required Guid Id { get; init; }

    /// <summary>msWMI-Name.</summary>
    public required string Name { get; init; }

    /// <summary>msWMI-Parm1, or empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>msWMI-Author, or empty.</summary>
    public string Author { get; init; } = "";

    /// <summary>DNS name of the domain, or empty; only the export names it.</summary>
    public string Domain { get; init; } = "";

    /// <summary>msWMI-CreationDate and msWMI-ChangeDate. UTC.</summary>
    public DateTimeOffset Changed { get; init; } = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>msWMI-Parm2: the queries; all must find something.</summary>
    public required ImmutableArray<WmiQuery> Queries { get; init; }

    /// <summary>The text of the attribute msWMI-Parm2, see <see cref="WmiQueries"/>.</summary>
    public string Parm2 => WmiQueries.Write(Queries);

    /// <summary>A moment as msWMI-CreationDate writes it (CIM DATETIME, DSP0004 5.2.4): <c>yyyyMMddHHmmss.ffffff-000</c>.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMddHHmmss.ffffff", CultureInfo.InvariantCulture) + "-000";

    /// <summary>The value of a policy's attribute gPCWQLFilter that names this filter: <c>[domain;{ID};0]</c>.</summary>
    /// <param name="domain">DNS name of the domain.</param>
    public string Link(string domain) => $"[{domain};{GpmcBackup.Braced(Id)};0]";

    /// <summary>
    /// The file that the console exports and imports (<i>WMI Filters &gt; Import</i>) and that mofcomp reads: UTF-16LE with byte order mark, CR LF; an instance of
    /// MSFT_SomFilter in Managed Object Format.
    /// </summary>
    public byte[] WriteMof()
    {
        var text = new StringBuilder("instance of MSFT_SomFilter\r\n{\r\n");
        Property("Author", Author);
        Property("ChangeDate", Moment(Changed));
        Property("CreationDate", Moment(Changed));
        Property("Description", Description);
        Property("Domain", Domain);
        Property("ID", GpmcBackup.Braced(Id));
        Property("Name", Name);
        text.Append("\tRules = {");
        for (var i = 0; i < Queries.Length; i++)
        {
            text.Append(i == 0 ? "\r\n" : ", \r\n").Append("instance of MSFT_Rule\r\n{\r\n");
            Property("Query", Queries[i].Query);
            Property("QueryLanguage", WmiQueries.Language);
            Property("TargetNameSpace", Queries[i].Namespace);
            text.Append('}');
        }

        return [0xFF, 0xFE, .. Utf16.ToBytes(text.Append("};\r\n};\r\n").ToString())];

        void Property(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"\t{name} = {Quoted(value)};\r\n");
    }

    // Escapes of string literals in MOF (DSP0004, annex A): everything but printable ASCII goes as \x with four digits, which no code page changes.
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                >= ' ' and <= '~' => text.Append(c),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X4}"),
            };
        }

        return text.Append('"').ToString();
    }
}

/// <summary>A query of a WMI filter.</summary>
/// <param name="Namespace">WMI name space, such as <c>root\CIMv2</c>.</param>
/// <param name="Query">WQL.</param>
public sealed record WmiQuery(string Namespace, string Query)
{
    /// <summary>The name space of Win32_ classes.</summary>
    public const string Cim = @"root\CIMv2";
}

/// <summary>
/// The attribute msWMI-Parm2: the number of queries, then each with its lengths in UTF-16 units, <c>1;3;10;27;WQL;root\CIMv2;SELECT * FROM Win32_Battery;</c> (MS-WMI-based
/// scripts of many administrators write it so; no specification describes it). Texts may hold <c>;</c>, so only the lengths tell where they end.
/// </summary>
public static class WmiQueries
{
    /// <summary>The only query language.</summary>
    internal const string Language = "WQL";

    // More than any filter has; keeps a forged number from making us wait.
    private const int Most = 1000;

    /// <summary>The attribute's text.</summary>
    public static string Write(IReadOnlyList<WmiQuery> queries) => string.Create(CultureInfo.InvariantCulture, $"{queries.Count};")
        + string.Concat(queries.Select(q => string.Create(CultureInfo.InvariantCulture, $"{Language.Length};{q.Namespace.Length};{q.Query.Length};{Language};{q.Namespace};{q.Query};")));

    /// <summary>Reads the attribute's text. A length that is not that of its text is an error, as it makes Windows take the filter for false.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it comes from, as messages name it.</param>
    public static Outcome<IReadOnlyList<WmiQuery>> Read(string text, string source)
    {
        var at = 0;
        if (Number(text, ref at) is not { } count || count > Most)
        {
            return Broken("It does not begin with the number of queries.");
        }

        var queries = new List<WmiQuery>();
        while (queries.Count < count)
        {
            var place = queries.Count + 1;
            if (Number(text, ref at) is not { } language || Number(text, ref at) is not { } space || Number(text, ref at) is not { } query)
            {
                return Broken($"Query {place} does not begin with three lengths.");
            }

            if (Text(text, ref at, language) is not { } name || Text(text, ref at, space) is not { } spaceText || Text(text, ref at, query) is not { } queryText)
            {
                return Broken($"A length of query {place} is not that of its text.");
            }

            if (!name.Equals(Language, StringComparison.OrdinalIgnoreCase))
            {
                return Broken($"Query {place} is in the language '{name}', not {Language}.");
            }

            queries.Add(new(spaceText, queryText));
        }

        return at == text.Length ? new(queries, []) : Broken($"Something follows the {count} queries.");

        Outcome<IReadOnlyList<WmiQuery>> Broken(string message) => new(null, [Problems.WmiFilterInvalid.At(Location.Of(source), message)]);
    }

    private static int? Number(string text, ref int at)
    {
        var end = text.IndexOf(';', at);
        if (end < 0 || !int.TryParse(text.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        at = end + 1;
        return number;
    }

    private static string? Text(string text, ref int at, int length)
    {
        if (length >= text.Length - at || text[at + length] != ';')
        {
            return null;
        }

        var part = text.Substring(at, length);
        at += length + 1;
        return part;
    }
}
