using System.Collections.Immutable;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>A device on its way through the rules.</summary>
/// <param name="Device">The device.</param>
/// <param name="Verdict">Whether it meets the requirements.</param>
/// <param name="Mark">Why it is to be offboarded; null when it is not.</param>
internal sealed record Candidate(Device Device, Verdict Verdict, string? Mark = null);

/// <summary>What a rule decided.</summary>
/// <param name="Method">The method.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Attention">Why a person should look; null when nobody needs to.</param>
internal sealed record Decision(string Method, string Reason, string? Attention = null)
{
    /// <summary>The method by which it is offboarded; null when it is not.</summary>
    public string? Offboarding { get; init; }

    /// <summary>Whether no rule reached the device and it was left for the local script.</summary>
    public bool IsLastResort { get; init; }
}

/// <summary>One rule of the routing: when its question is answered with yes, it decides.</summary>
/// <param name="Question">The rule in words.</param>
/// <param name="Decide">The decision; null when the rule does not apply.</param>
internal sealed record Rule(string Question, Func<Candidate, Decision?> Decide)
{
    /// <summary>What to say in an explanation when the rule does not apply.</summary>
    public Func<Candidate, string> WhyNot { get; init; } = _ => "Does not apply.";
}

/// <summary>
/// The rules that choose a method, first match wins. They follow the documentation "Onboard devices to Microsoft Defender for Business": Part 1 (who manages
/// devices now), Part 2 (automatic or manual), Part 3 (method). What must never be onboarded comes first and cannot be overruled; the project's own rules
/// come next.
/// </summary>
internal sealed class Router(DeploymentProject project, EligibilityCheck eligibility, ImmutableArray<DeviceExpression> expressions, IReadOnlySet<string> methods, DateTimeOffset asOf)
{
    private const string ComesBack = "The tenant onboards every enrolled device by itself: take it out of that policy, or it comes back.";

    /// <summary>The rules in order, without the last one, which needs to know how many devices are left: see <see cref="LastResort"/>.</summary>
    public ImmutableArray<Rule> Rules { get; } =
    [
        Offboard(
            project,
        [
            .. project.Routing.Select((rule, i) => OfProject(rule, i, expressions[i], project, eligibility)),
            .. BuiltIn(project, eligibility, methods, "offboards"),
        ]),
        .. Never(project, eligibility, asOf),
        .. project.Routing.Select((rule, i) => OfProject(rule, i, expressions[i], project, eligibility)),
        .. BuiltIn(project, eligibility, methods, "onboards"),
    ];

    /// <summary>Whether the inventory's wish for a method can be fulfilled.</summary>
    public static bool IsUsable(string method, DeploymentProject project, IReadOnlySet<string> methods) =>
        methods.Contains(method) && (method != Methods.Automatic || IsAutomatic(project));

    /// <summary>The question of the last rule.</summary>
    public static string LastResortQuestion(int most) => $"Does nothing else reach it, and are at most {most} such devices left for the local script?";

    /// <summary>The decision for devices that no rule reaches.</summary>
    /// <param name="left">How many of them there are.</param>
    /// <param name="chosen">How many devices got the local script by name.</param>
    /// <param name="most">How many the local script serves.</param>
    /// <param name="split">Whether there may be several batches of that many.</param>
    public static Decision LastResort(int left, int chosen, int most, bool split) => split || left + chosen <= most
        ? new(Methods.LocalScript, "Nothing else reaches it, and few enough devices are left for the local script.") { IsLastResort = true }
        : new(Methods.None, "Nothing that this tool could deploy through reaches it.",
            $"Neither managed nor joined to a domain, and {left + chosen} devices are left for the local script, which serves at most {most}: enrol or join it, or name it in the method column.")
        { IsLastResort = true };

    private static bool IsAutomatic(DeploymentProject project) => project.Tenant is { AutomaticOnboarding: true, UsesIntune: true };

    private static bool IsTakenAutomatically(Device device, DeploymentProject project) => IsAutomatic(project) && device.ManagedBy.HasFlag(Management.Intune);

    // What reaches a device to onboard it reaches it to offboard it; whether it meets the requirements or was seen lately does not matter then.
    private static Rule Offboard(DeploymentProject project, ImmutableArray<Rule> routes) => new("Is it to be offboarded?", c => c switch
    {
        { Mark: null } => null,
        { Device.IsGoldenImage: true } => new(Methods.None, $"{c.Mark} It is a golden image: it is offboarded and cleaned before it is sealed again.") { Offboarding = Methods.VdiScript },
        _ => routes.Select(r => r.Decide(c)).OfType<Decision>().FirstOrDefault(d => d.Method != Methods.None || !IsWindows(c.Device)) switch
        {
            { Method: Methods.None } => new(Methods.None, c.Mark, "Marked for offboarding, but it is no Windows computer that this tool could reach."),
            { Method: Methods.Automatic } => new(
                Methods.None,
                $"{c.Mark} It is enrolled in Intune, so Intune offboards it.",
                ComesBack)
            { Offboarding = Methods.Intune },
            { } route => new(Methods.None, $"{c.Mark} {route.Reason}", IsTakenAutomatically(c.Device, project) ? ComesBack : null) { Offboarding = route.Method },
            null => new(Methods.None, $"{c.Mark} Nothing else reaches it, so the local script offboards it.") { Offboarding = Methods.LocalScript },
        },
    })
    {
        WhyNot = _ => "Neither the inventory nor the project says so.",
    };

    // Nobody needs to look at a stale phone: what is set aside deserves attention only when it could have been onboarded.
    private static ImmutableArray<Rule> Never(DeploymentProject project, EligibilityCheck eligibility, DateTimeOffset asOf) =>
    [
        new("Is it a golden image?", c => c.Device.IsGoldenImage
            ? new(Methods.None, "It is a golden image, which must never be onboarded; its desktops onboard themselves.",
                c.Device.IsOnboarded == true ? "This golden image is onboarded."
                : IsTakenAutomatically(c.Device, project) ? "This golden image is enrolled in Intune, and automatic onboarding would take it."
                : null)
            : null),
        new("Is it disabled or retired?", c => c.Device.State is DeviceState.Disabled or DeviceState.Retired
            ? new(Methods.None, $"It is {DeviceWords.Of(c.Device.State)}, so it is set aside.",
                eligibility.OutOfScope(c.Device) is null ? $"Set aside: {DeviceWords.Of(c.Device.State)}." : null)
            : null),
        new($"Was it not seen for more than {project.StaleAfterDays} days?", c => c.Device.LastSeen is { } seen && asOf - seen > TimeSpan.FromDays(project.StaleAfterDays)
            ? new(Methods.None, $"It was last seen on {seen:yyyy-MM-dd}, more than {project.StaleAfterDays} days before {asOf:yyyy-MM-dd}, so it is set aside as stale.",
                eligibility.OutOfScope(c.Device) is null ? $"Set aside: not seen since {seen:yyyy-MM-dd}. Remove the record, or bring the device back." : null)
            : null)
        {
            WhyNot = c => c.Device.LastSeen is { } seen ? $"No: last seen on {seen:yyyy-MM-dd}." : "No source says when it was last seen.",
        },
        new("Is it Windows that does not meet the requirements?", c => c.Verdict.Eligibility == Eligibility.Ineligible && IsWindows(c.Device)
            ? new(Methods.None, "It does not meet the requirements, so it is not onboarded.", c.Verdict.Text)
            : null)
        {
            WhyNot = c => c.Verdict.Text,
        },
    ];

    private static Rule OfProject(RoutingRule rule, int index, DeviceExpression expression, DeploymentProject project, EligibilityCheck eligibility)
    {
        var decision = new Decision(rule.Method, $"The project's rule \"{expression.Text}\" (line {rule.Line} of {ProjectReader.FileName}) sends it to {Methods.TitleOf(rule.Method)}.");
        var taken = rule.Method == Methods.Automatic ? decision : decision with { Attention = "It is enrolled in Intune: the tenant's automatic onboarding takes it whatever the project's rule says." };
        return new(
            $"routing[{index}]: {expression.Text} -> {rule.Method}?",
            c => !expression.Holds(c.Device) || IsForeign(rule.Method, c.Device, eligibility) ? null : IsTakenAutomatically(c.Device, project) ? taken : decision)
        {
            WhyNot = c => expression.Holds(c.Device)
                ? $"Holds, but {Methods.TitleOf(rule.Method)} serves Windows only."
                : $"Does not hold: {expression.Values(c.Device)}.",
        };
    }

    private static ImmutableArray<Rule> BuiltIn(DeploymentProject project, EligibilityCheck eligibility, IReadOnlySet<string> methods, string verb) =>
    [
        new("Is its operating system out of scope?", c => eligibility.OutOfScope(c.Device) is not null
            ? new(Methods.None, "Nothing is planned for it.")
            : null),
        new("Does the inventory ask for a method?", c => c.Device.RequestedMethod is { } method && IsUsable(method, project, methods)
            ? new(method, method == Methods.None ? "The inventory asks for no onboarding." : $"The inventory asks for {Methods.TitleOf(method)}.",
                IsTakenAutomatically(c.Device, project) && method != Methods.Automatic
                    ? "It is enrolled in Intune: the tenant's automatic onboarding takes it whatever the inventory asks for."
                    : null)
            : null)
        {
            WhyNot = c => c.Device.RequestedMethod is { } method ? $"It asks for '{method}', which cannot be used." : "No source asks for one.",
        },
        new("Parts 1 and 2: does the tenant onboard every enrolled device by itself, and is it enrolled in Intune?", c => IsTakenAutomatically(c.Device, project)
            ? new(Methods.Automatic, "It is enrolled in Intune, and the tenant onboards every enrolled device by itself; there is nothing to deploy and no ring.")
            : null)
        {
            WhyNot = c => IsAutomatic(project) ? "It is not enrolled in Intune." : "The project says 'onboarding: manual'.",
        },
        new("Is it a non-persistent virtual desktop?", c => c.Device.Vdi is VdiKind.NonPersistentSingle or VdiKind.NonPersistentMultiple
            ? new(Methods.VdiScript, $"It is a non-persistent virtual desktop: the start-up script in its image {verb} it at every start.")
            : null),
        new("Is it a domain controller?", c => c.Device.Role == DeviceRole.DomainController
            ? new(Methods.GroupPolicy, "It is a domain controller: Group Policy reaches it, and Defender's security settings management does not support domain controllers.")
            : null),
        new("Is it enrolled in Intune?", c => project.Tenant.UsesIntune && c.Device.ManagedBy.HasFlag(Management.Intune)
            ? new(Methods.Intune, c.Device.ManagedBy.HasFlag(Management.ConfigurationManager)
                ? $"It is managed by Intune and Configuration Manager together (co-management), so Intune {verb} it."
                : $"It is enrolled in Intune, so Intune {verb} it.")
            : null)
        {
            WhyNot = c => c.Device.ManagedBy.HasFlag(Management.Intune) ? "It is, but the project says 'usesIntune: false'." : "No source says so.",
        },
        new("Does it have a Configuration Manager client?", c => c.Device.ManagedBy.HasFlag(Management.ConfigurationManager)
            ? new(Methods.ConfigurationManager, $"It has a Configuration Manager client, so Configuration Manager {verb} it.")
            : null),
        new("Is it joined to a domain?", c => c.Device.Join is JoinType.Domain or JoinType.Hybrid
            ? new(Methods.GroupPolicy, c.Device.Join == JoinType.Hybrid
                ? $"It is hybrid joined and managed by nothing else, so Group Policy {verb} it."
                : $"It is joined to Active Directory and managed by nothing else, so Group Policy {verb} it.")
            : null)
        {
            WhyNot = c => c.Device.Join == JoinType.Unknown ? "No source says how it is joined." : $"Its join is '{DeviceWords.Of(c.Device.Join)}'.",
        },
        new("Is it enrolled in another MDM?", c => c.Device.ManagedBy.HasFlag(Management.OtherMdm)
            ? new(Methods.OtherMdm, $"Another MDM manages it, so that MDM's custom profile {verb} it.")
            : null),
    ];

    private static bool IsWindows(Device device) => device.Os is OsFamily.WindowsClient or OsFamily.WindowsServer;

    // The methods we know are for Windows; a channel of the user's own may serve what it likes.
    private static bool IsForeign(string method, Device device, EligibilityCheck eligibility) =>
        eligibility.OutOfScope(device) is not null && method != Methods.None && Methods.Titles.Any(title => title.Key == method);
}
