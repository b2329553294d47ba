using System.Collections.Immutable;
using System.Reflection;

namespace MdbDeploy.Diagnostics;

/// <summary>
/// The catalogue of everything that can be wrong with the input, in blocks by stage: 01 project file and command line, 02 inventory, 03 planning,
/// 04 packages, 05 templates, 06 bundle, 07 targets, 08 formats. README.md lists it; a test holds the two together.
/// </summary>
public static class Problems
{
    // 01: project file and command line

    // 02: inventory

    // 03: planning

    // 04: packages

    // 05: templates

    // 06: bundle

    // 07: targets

    // 0750 to 0799: HTTP, sign-in and Graph
    /// <summary>The server refused a request.</summary>
    public static readonly Problem RequestRefused = new("MDB0750", Severity.Error,
        "The server refused a request.",
        "Read the server's message; its support asks for the request id.");

    /// <summary>The server cannot be reached.</summary>
    public static readonly Problem ServerUnreachable = new("MDB0751", Severity.Error,
        "The server cannot be reached.",
        "Check the address, the network and the proxy, then run the command again.");

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly Problem CertificateNotTrusted = new("MDB0752", Severity.Error,
        "The server's certificate is not trusted.",
        "Check the address; for a private certificate authority, name its PEM file in caFile.");

    /// <summary>Signing in failed.</summary>
    public static readonly Problem SignInRefused = new("MDB0753", Severity.Error,
        "Signing in failed.",
        "Check tenant, application and credential in the target's settings and in the environment.");

    /// <summary>The account may not do this.</summary>
    public static readonly Problem AccessDenied = new("MDB0754", Severity.Error,
        "The account may not do this.",
        "Grant the permission that the server names, or let somebody who holds it approve the request.");

    /// <summary>The server stayed busy through all repetitions.</summary>
    public static readonly Problem ServerBusy = new("MDB0755", Severity.Error,
        "The server stayed busy through all repetitions.",
        "Wait a while, then run the command again: it continues where it stopped.");

    /// <summary>The server did not answer in time.</summary>
    public static readonly Problem NoAnswerInTime = new("MDB0756", Severity.Error,
        "The server did not answer in time.",
        "Check the network, then run the command again: it continues where it stopped.");

    /// <summary>The server's answer cannot be read.</summary>
    public static readonly Problem AnswerUnreadable = new("MDB0757", Severity.Error,
        "The server's answer cannot be read.",
        "Check that the address is the service and not a proxy or a sign-in page.");

    /// <summary>A request would go to another server.</summary>
    public static readonly Problem ForeignAddress = new("MDB0758", Severity.Error,
        "A request would go to another server.",
        "Nothing was sent there; check the address in the target's settings.");

    /// <summary>The answer to a change was lost.</summary>
    public static readonly Problem AnswerLost = new("MDB0759", Severity.Error,
        "The answer to a change was lost.",
        "Run the command again: it looks whether the change was made.");

    /// <summary>A certificate file cannot be read.</summary>
    public static readonly Problem CertificateFileUnreadable = new("MDB0760", Severity.Error,
        "A certificate file cannot be read.",
        "Name a file that exists: PEM for caFile, PEM with its key or PFX for certificateFile.");

    // 08: formats

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
