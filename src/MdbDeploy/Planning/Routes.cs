using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>How a device came to its method.</summary>
/// <param name="Verdict">Whether it meets the requirements.</param>
/// <param name="Decision">What the rules decided; null when none reached it, until all are known.</param>
/// <param name="IsOnboarded">Whether a source says that it is onboarded.</param>
internal readonly record struct Route(Verdict Verdict, Decision? Decision, bool IsOnboarded);

/// <summary>
/// Sends every device through the rules. They look at fields that many devices share, and at whether a device is stale; so each combination goes through them once, unless a rule
/// of the project looks at a field of the device's own; devices that are to be offboarded by name go alone.
/// </summary>
/// <param name="devices">The devices.</param>
/// <param name="router">The rules.</param>
/// <param name="eligibility">The requirements.</param>
/// <param name="selection">Which devices are to be offboarded.</param>
/// <param name="isShared">Whether the project's rules and the selection's condition look at shared fields only.</param>
/// <param name="staleBefore">Devices last seen before are stale.</param>
internal sealed class Routes(DeviceTable devices, Router router, EligibilityCheck eligibility, OffboardingSelection selection, bool isShared, DateTimeOffset staleBefore)
{
    private const int SharedWay = -1;
    private const int StaleWay = -2;
    private const int OwnWay = -3;

    private readonly DeviceRows rows = devices.Rows;
    private readonly int[] numbers = new int[devices.Rows.Count];
    private readonly List<Route> routes = [];
    private readonly Dictionary<Route, int> known = [];

    /// <summary>Route of the device of a row.</summary>
    public Route this[int row] => routes[numbers[row]];

    /// <summary>Devices that nothing reaches, in the order of the fleet.</summary>
    public IReadOnlyList<Device> Unreached { get; private set; } = [];

    /// <summary>Number of routes.</summary>
    public int Count => routes.Count;

    /// <summary>The route of a number.</summary>
    public Route Numbered(int number) => routes[number];

    /// <summary>Number of the route of the device of a row; devices of one route have the same.</summary>
    public int NumberOf(int row) => numbers[row];

    /// <summary>Finds the routes.</summary>
    /// <param name="most">How many devices the local script serves.</param>
    /// <param name="split">Whether it may serve several batches of that many.</param>
    /// <param name="steps">Rows of the devices to explain; receives every rule that was tried for them.</param>
    public void Find(int most, bool split, Dictionary<int, List<ExplainedStep>>? steps)
    {
        // Nearly all devices go the way of those that they share their fields with.
        rows.InParallel(row => numbers[row] =
            !isShared || steps?.ContainsKey(row) == true || selection.Names(row) ? OwnWay
            : rows.LastSeenTicks(row) is >= 0 and var seen && seen < staleBefore.UtcTicks ? StaleWay
            : SharedWay);
        var ways = new int[rows.SharedCount];
        foreach (var shared in RowClasses.InOrder(rows, ways.Length, row => numbers[row] == SharedWay ? rows.SharedOf(row) : -1))
        {
            ways[shared] = Find(rows.Prototype(shared), null);
        }

        var stale = new Dictionary<(int Shared, int Day), int>();
        for (var row = 0; row < numbers.Length; row++)
        {
            numbers[row] = numbers[row] switch
            {
                OwnWay => Find(rows.Device(row), steps?.GetValueOrDefault(row)),
                StaleWay => FindStale(row, stale),
                _ => numbers[row],
            };
        }

        rows.InParallel(row => numbers[row] = numbers[row] == SharedWay ? ways[rows.SharedOf(row)] : numbers[row]);
        UseLastResort(most, split, steps);
    }

    private int FindStale(int row, Dictionary<(int Shared, int Day), int> stale)
    {
        var (shared, seen) = (rows.SharedOf(row), rows.LastSeen(row)!.Value);
        var key = (shared, DateOnly.FromDateTime(seen.UtcDateTime).DayNumber);
        if (!stale.TryGetValue(key, out var number))
        {
            stale.Add(key, number = Find(rows.Prototype(shared) with { LastSeen = seen }, null));
        }

        return number;
    }

    private int Find(Device device, List<ExplainedStep>? log)
    {
        var candidate = new Candidate(device, eligibility.Check(device), selection.ReasonFor(device));
        log?.Add(new(PlanStage.Requirements, "Does it meet the requirements?", candidate.Verdict.Eligibility == Eligibility.Eligible, candidate.Verdict.Text));
        Decision? decision = null;
        foreach (var rule in router.Rules)
        {
            decision = rule.Decide(candidate);
            log?.Add(new(PlanStage.Method, rule.Question, decision is not null, decision?.Reason ?? rule.WhyNot(candidate)));
            if (decision is not null)
            {
                break;
            }
        }

        var route = new Route(candidate.Verdict, decision, device.IsOnboarded == true);
        if (!known.TryGetValue(route, out var number))
        {
            known.Add(route, number = routes.Count);
            routes.Add(route);
        }

        return number;
    }

    private void UseLastResort(int most, bool split, Dictionary<int, List<ExplainedStep>>? steps)
    {
        if (routes.TrueForAll(route => route.Decision is not null))
        {
            return;
        }

        var left = Enumerable.Range(0, devices.Length).Select(devices.RowOf).Where(row => this[row].Decision is null).ToList();
        var last = Router.LastResort(left.Count, numbers.Count(number => routes[number].Decision?.Method == Methods.LocalScript), most, split);
        foreach (var row in left)
        {
            steps?.GetValueOrDefault(row)?.Add(new(PlanStage.Method, Router.LastResortQuestion(most), last.Method != Methods.None, last.Attention ?? last.Reason));
        }

        for (var number = 0; number < routes.Count; number++)
        {
            routes[number] = routes[number].Decision is null ? routes[number] with { Decision = last } : routes[number];
        }

        Unreached = last.Method == Methods.None ? [.. left.Select(rows.Device)] : [];
    }
}
