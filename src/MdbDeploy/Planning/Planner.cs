using System.Collections.Immutable;
using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Projects;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>Makes the plan: for every device eligible or not, method, ring, and why. Pure: the same arguments give the same plan.</summary>
public static class Planner
{
    /// <summary>Plans a fleet. Errors are a broken condition, an unknown method in a routing rule, and a golden image that is onboarded.</summary>
    /// <param name="fleet">The devices.</param>
    /// <param name="project">The project.</param>
    /// <param name="requirements">What devices must be.</param>
    /// <param name="knownMethods">The methods that channels render; the built-in ones may be named besides.</param>
    /// <param name="packages">The portal's packages; null when they were not read, which skips the check that none is missing.</param>
    /// <param name="asOf">The moment at which staleness is judged.</param>
    public static Outcome<Plan> Plan(Fleet fleet, DeploymentProject project, Requirements requirements, IReadOnlySet<string> knownMethods, PackageSet? packages, DateTimeOffset asOf) =>
        Run(fleet, project, requirements, knownMethods, packages, asOf, null);

    /// <summary>Plans a fleet and tells of one device every rule that was tried. Several devices may have the name.</summary>
    /// <param name="fleet">The devices.</param>
    /// <param name="project">The project.</param>
    /// <param name="requirements">What devices must be.</param>
    /// <param name="knownMethods">The methods that channels render; the built-in ones may be named besides.</param>
    /// <param name="packages">The portal's packages; null when they were not read.</param>
    /// <param name="asOf">The moment at which staleness is judged.</param>
    /// <param name="name">Computer name, DNS name or <c>DOMAIN\name</c>, ignoring case, or what sources write instead, such as <c>NAME$</c>.</param>
    public static Outcome<IReadOnlyList<PlanExplanation>> Explain(
        Fleet fleet, DeploymentProject project, Requirements requirements, IReadOnlySet<string> knownMethods, PackageSet? packages, DateTimeOffset asOf, string name)
    {
        var steps = new Dictionary<int, List<ExplainedStep>>();
        var usual = InUsualForm(name);
        for (var i = 0; i < fleet.Devices.Length; i++)
        {
            // Each time it is asked for, a device is made anew.
            var device = fleet.Devices[i];
            if (IsCalled(device, name) || IsCalled(device, usual))
            {
                steps[fleet.Devices.RowOf(i)] = [];
            }
        }

        if (steps.Count == 0)
        {
            var near = Nearest.To(usual, fleet.Devices.Select(device => device.Name));
            return new(null, [Problems.DeviceNotInInventory.At(Location.Of(name), $"No device is called '{name}'.{(near is null ? "" : $" Did you mean '{near}'?")}")]);
        }

        var plan = Run(fleet, project, requirements, knownMethods, packages, asOf, steps);
        return new(plan.Value is { } made ? [.. Enumerable.Range(0, made.Devices.Length).Where(i => steps.ContainsKey(fleet.Devices.RowOf(i))).Select(i => new PlanExplanation(made.Devices[i], [.. steps[fleet.Devices.RowOf(i)]]))] : null, plan.Diagnostics);
    }

    /// <summary><c>PC-1$</c>, <c>\\PC-1</c> and <c>pc-1.corp.example.</c> are names of a computer as well.</summary>
    private static string InUsualForm(string name)
    {
        var parts = NameText.Parse(name.Trim());
        return !parts.Fqdn.IsEmpty ? parts.Fqdn.ToString() : parts.Domain.IsEmpty ? parts.Name.ToString() : $"{parts.Domain}\\{parts.Name}";
    }

    private static bool IsCalled(Device device, string name) =>
        string.Equals(device.Name, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(device.Fqdn, name, StringComparison.OrdinalIgnoreCase)
        || (device.Domain is { } domain && string.Equals($"{domain}\\{device.Name}", name, StringComparison.OrdinalIgnoreCase));

    private static Outcome<Plan> Run(
        Fleet fleet, DeploymentProject project, Requirements requirements, IReadOnlySet<string> knownMethods, PackageSet? packages, DateTimeOffset asOf, Dictionary<int, List<ExplainedStep>>? steps)
    {
        var diagnostics = new List<Diagnostic>();
        var methods = Methods.Titles.Select(title => title.Key).Concat(knownMethods).ToHashSet(StringComparer.Ordinal);
        var routing = project.Routing.Select(rule => Compile(rule.When, Where(rule.WhenAt, rule.Line), rule.WhenLines, diagnostics)).ToList();
        var matches = project.Rings.Select(ring => ring.Match is { } match ? Compile(match, Where(ring.MatchAt, ring.Line), ring.MatchLines, diagnostics) : null).ToImmutableArray();
        CheckRoutingMethods(project, methods, diagnostics);
        var selection = new OffboardingSelection(project.Offboard, project.Offboard.Match is { } leaving ? Compile(leaving, project.Offboard.MatchAt, project.Offboard.MatchLines, diagnostics) : null, fleet.Devices);
        var named = selection.Check().ToList();
        diagnostics.AddRange(named.Where(d => d.Severity == Severity.Error));
        // What Defender manages is onboarded, whatever else is said of it.
        diagnostics.AddRange(GoldenImages(fleet.Devices)
            .Where(device => (device.IsOnboarded == true || device.ManagedBy.HasFlag(Management.Defender)) && selection.ReasonFor(device) is null)
            .Select(device => Problems.GoldenImageOnboarded.At(PlanChecks.Where(device),
                $"The golden image {device.Name} is onboarded{(device.IsOnboarded == true ? "" : ", since Defender manages it")}, so every desktop made from it would share its identity.")));
        if (diagnostics.Count > 0)
        {
            return new(null, diagnostics);
        }

        diagnostics.AddRange(named);
        var eligibility = new EligibilityCheck(requirements);
        var expressions = routing.OfType<DeviceExpression>().ToImmutableArray();
        var routes = new Routes(fleet.Devices, new Router(project, eligibility, expressions, methods, asOf), eligibility, selection, selection.IsShared && expressions.All(e => e.IsShared), asOf.AddDays(-project.StaleAfterDays));
        routes.Find(requirements.LocalScriptDevices.Most, project.SplitLocalScript, steps);
        var planned = PlaceInRings(fleet.Devices, routes, new RingAssignment(project.Rings, matches), project, steps);

        var rings = project.Rings.Select((ring, i) => new PlannedRing(ring.Name, i, planned.CountOf(outcome => outcome.Ring == ring.Name))).ToImmutableArray();
        diagnostics.AddRange(PlanChecks.Check(planned, routes.Unreached, rings, project, requirements, methods, knownMethods, packages, asOf));
        return new(diagnostics.Any(d => d.Severity == Severity.Error) ? null : new Plan(asOf, planned, rings, [.. diagnostics]), diagnostics);
    }

    private static IEnumerable<Device> GoldenImages(DeviceTable devices)
    {
        var isGolden = Enumerable.Range(0, devices.Rows.SharedCount).Select(shared => devices.Rows.Prototype(shared).IsGoldenImage).ToArray();
        return isGolden.Contains(true) ? Enumerable.Range(0, devices.Length).Where(i => isGolden[devices.Rows.SharedOf(devices.RowOf(i))]).Select(i => devices[i]) : [];
    }

    private static PlannedDevices PlaceInRings(DeviceTable devices, Routes routes, RingAssignment assignment, DeploymentProject project, Dictionary<int, List<ExplainedStep>>? steps)
    {
        var isAsked = Enumerable.Range(0, routes.Count).Select(number => routes.Numbered(number).Decision!.Method is not (Methods.None or Methods.Automatic)).ToArray();
        var places = assignment.Assign(devices.Rows, row => isAsked[routes.NumberOf(row)], steps is null ? null : (row, ring, outcome) =>
            steps.GetValueOrDefault(row)?.Add(new(PlanStage.Ring, $"Ring '{project.Rings[ring].Name}'", false, outcome)));

        // Devices that came the same way into the same ring have the same outcome.
        var numbers = new int[routes.Count * RingPlace.NumbersFor(project.Rings.Length)];
        var kinds = ImmutableArray.CreateBuilder<PlanOutcome>();
        foreach (var way in RowClasses.InOrder(devices.Rows, numbers.Length, WayOf))
        {
            var place = RingPlace.Numbered(way / routes.Count);
            numbers[way] = kinds.Count;
            kinds.Add(Outcome(routes.Numbered(way % routes.Count), place == RingPlace.NotAsked ? null : (place, assignment.Reason(place)), project));
        }

        var outcomes = new int[devices.Rows.Count];
        devices.Rows.InParallel(row => outcomes[row] = numbers[WayOf(row)]);
        foreach (var (row, log) in steps ?? [])
        {
            if (places[row].Ring >= 0 && log.Count > 0)
            {
                // The last ring that was tried is the one that took it.
                log[^1] = log[^1] with { Applied = true };
            }
        }

        return new PlannedDevices(devices, outcomes, kinds.DrainToImmutable());

        int WayOf(int row) => (places[row].Number * routes.Count) + routes.NumberOf(row);
    }

    private static PlanOutcome Outcome(Route route, (RingPlace Place, string Reason)? ring, DeploymentProject project)
    {
        var (verdict, decision) = (route.Verdict, route.Decision!);
        var reasons = verdict.Reasons.Add(decision.Reason);
        var attention = new List<string>();
        if (decision.Attention is not null)
        {
            attention.Add(decision.Attention);
        }

        if (decision.Method != Methods.None)
        {
            if (route.IsOnboarded)
            {
                reasons = reasons.Add("A source says that it is onboarded already.");
            }

            if (verdict.Eligibility == Eligibility.Unknown)
            {
                attention.Add(verdict.Text);
            }

            if (ring is { } at)
            {
                reasons = reasons.Add(at.Reason);
                if (at.Place.Ring < 0)
                {
                    attention.Add("No ring accepts it, so no push reaches it: add a ring without limits at the end.");
                }
            }
        }

        return new PlanOutcome(verdict.Eligibility, decision.Method, decision.Offboarding, ring is { Place.Ring: >= 0 and var index } ? project.Rings[index].Name : null, reasons, attention.Count == 0 ? null : string.Join(' ', attention));
    }

    private static void CheckRoutingMethods(DeploymentProject project, HashSet<string> methods, List<Diagnostic> diagnostics)
    {
        foreach (var rule in project.Routing.Where(rule => !Router.IsUsable(rule.Method, project, methods)))
        {
            diagnostics.Add(Problems.RoutingMethodUnknown.At(Where(rule.MethodAt, rule.Line), rule.Method == Methods.Automatic
                ? "'automatic' is no choice for single devices: it is the tenant's answer for all of them, and the project says 'onboarding: manual'."
                : $"There is no method '{rule.Method}'. {(Nearest.To(rule.Method, methods) is { } near ? $"Did you mean '{near}'?" : $"Known are: {string.Join(", ", methods.Order(StringComparer.Ordinal))}.")}"));
        }
    }

    private static DeviceExpression? Compile(string text, Location at, ImmutableArray<int> lines, List<Diagnostic> diagnostics)
    {
        var outcome = DeviceExpression.Compile(text, at, lines);
        diagnostics.AddRange(outcome.Diagnostics);
        return outcome.Value;
    }

    private static Location Where(Location at, int line) => at.File is null ? new(ProjectReader.FileName, line) : at;
}
