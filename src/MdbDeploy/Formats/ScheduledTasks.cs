using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>A task of Group Policy Preferences.</summary>
public sealed record ScheduledTask
{
    /// <summary><c>ImmediateTaskV2</c>, <c>TaskV2</c>, or an older kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of the task.</summary>
    public required string Name { get; init; }

    /// <summary>What is done with it: C create, R replace, U update, D delete.</summary>
    public required string Action { get; init; }

    /// <summary>Account it runs as.</summary>
    public required string RunAs { get; init; }

    /// <summary>What it runs, with arguments.</summary>
    public required ImmutableArray<TaskCommand> Commands { get; init; }

    /// <summary>Item-level targeting.</summary>
    public required ImmutableArray<TargetingFilter> Filters { get; init; }
}

/// <summary>A program that a task starts.</summary>
/// <param name="Command">Program or script.</param>
/// <param name="Arguments">Arguments, or empty.</param>
public sealed record TaskCommand(string Command, string Arguments);

/// <summary>
/// ScheduledTasks.xml of Group Policy Preferences (MS-GPPREF): what it says, and what of it clients would ignore. Import-GPO copies the file without looking,
/// and the client reports success while it does nothing, so <see cref="Lint"/> finds the mistakes that nobody else reports. It is written by templates, not here.
/// </summary>
public static class ScheduledTasks
{
    private const string Immediate = "ImmediateTaskV2";

    // A variable of the client, replaced by the time at which the item is applied.
    private const string Now = "%LocalTimeXmlEx%";

    // Attributes of tasks of the first generation; on one of the second they mean nothing.
    private static readonly ImmutableArray<string> FirstGeneration = ["program", "args", "appName", "startIn", "triggerType", "startHour", "startMinutes"];

    private static readonly ImmutableDictionary<string, string> ClassIds = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
    [
        new KeyValuePair<string, string>("TaskV2", "{D8896631-B747-47a7-84A6-C155337F3BC8}"),
        new KeyValuePair<string, string>(Immediate, "{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}"),
    ]);

    /// <summary>The tasks of a file.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static Outcome<IReadOnlyList<ScheduledTask>> Read(ReadOnlyMemory<byte> content, string file)
    {
        var root = Root(content, file);
        return root.Succeeded(out var tasks) ? new([.. tasks.Elements().Select(ReadTask)], root.Diagnostics) : new(null, root.Diagnostics);
    }

    /// <summary>What clients would ignore or do otherwise than written.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="side">The side whose policy holds the file.</param>
    /// <param name="file">The file, as messages name it.</param>
    public static IReadOnlyList<Diagnostic> Lint(ReadOnlyMemory<byte> content, GroupPolicySide side, string file)
    {
        var root = Root(content, file);
        return root.Succeeded(out var tasks)
            ? [.. tasks.Elements().SelectMany(item => Preferences.Passwords(item, $"The task '{Text(item, "name")}'", file).Concat(LintItem(item, side, file)))]
            : root.Diagnostics;
    }

    private static Outcome<XElement> Root(ReadOnlyMemory<byte> content, string file)
    {
        var document = XmlContent.Read(content, file, Problems.ScheduledTasksUnreadable);
        return document.Value?.Root is not { } root ? new(null, document.Diagnostics)
            : root.Name != "ScheduledTasks" ? new(null, [Problems.ScheduledTasksUnreadable.At(XmlContent.Where(root, file), $"Its root is '{root.Name.LocalName}', not 'ScheduledTasks'.")])
            : new(root, []);
    }

    private static ScheduledTask ReadTask(XElement item)
    {
        var properties = item.Element("Properties");
        return new ScheduledTask
        {
            Kind = item.Name.LocalName,
            Name = Text(item, "name"),
            Action = Text(properties, "action"),
            RunAs = Text(properties, "runAs"),
            Commands = [.. item.Descendants("Exec").Select(exec => new TaskCommand(exec.Element("Command")?.Value ?? "", exec.Element("Arguments")?.Value ?? ""))],
            Filters = Targeting.Read(item),
        };
    }

    private static IEnumerable<Diagnostic> LintItem(XElement item, GroupPolicySide side, string file)
    {
        var name = Text(item, "name");
        var isSecondGeneration = item.Name.LocalName.EndsWith("V2", StringComparison.Ordinal);
        var accounts = item.Elements("Properties").Attributes("runAs").Select(a => ((XObject)a, a.Value))
            .Concat(item.Descendants().Where(e => e.Name.LocalName == "UserId").Select(e => ((XObject)e, e.Value)));
        foreach (var (where, account) in accounts.Where(a => IsWrongSystem(a.Value)))
        {
            yield return Problems.TaskAccountUnknown.At(XmlContent.Where(where, file), $"The task '{name}' runs as '{account}'.");
        }

        var problems = isSecondGeneration ? LintSecondGeneration(item, name, file) : [];
        foreach (var problem in problems.Concat(Targeting.Lint(item, $"the task '{name}'", side, file)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<Diagnostic> LintSecondGeneration(XElement item, string name, string file)
    {
        var kind = item.Name.LocalName;
        if (ClassIds.TryGetValue(kind, out var classId) && !Text(item, "clsid").Equals(classId, StringComparison.OrdinalIgnoreCase))
        {
            yield return Problems.TaskInert.At(XmlContent.Where(item, file), $"The task '{name}' has the clsid '{Text(item, "clsid")}'; that of {kind} is {classId}.");
        }

        if (item.Element("Properties") is not { } properties)
        {
            yield return Problems.TaskInert.At(XmlContent.Where(item, file), $"The task '{name}' has no Properties.");
            yield break;
        }

        var isDeletion = Text(properties, "action") == "D";
        if (string.IsNullOrWhiteSpace(Text(properties, "runAs")) && !isDeletion)
        {
            yield return Problems.TaskAccountMissing.At(XmlContent.Where(properties, file), $"The task '{name}' has an empty runAs.");
        }

        foreach (var old in properties.Attributes().Where(a => FirstGeneration.Contains(a.Name.LocalName, StringComparer.OrdinalIgnoreCase)))
        {
            yield return Problems.TaskInert.At(XmlContent.Where(old, file), $"The attribute '{old.Name.LocalName}' of the task '{name}' means nothing on a {kind}: it belongs to tasks of Windows XP.");
        }

        if (properties.Element("Task") is not { } task)
        {
            var foreign = properties.Elements().FirstOrDefault(e => e.Name.LocalName.Equals("Task", StringComparison.OrdinalIgnoreCase));
            if (foreign is not null || !isDeletion)
            {
                yield return Problems.TaskInert.At(XmlContent.Where((XObject?)foreign ?? properties, file), foreign is null
                    ? $"The task '{name}' has no Task element, so there is nothing to do."
                    : $"The Task element of '{name}' carries a namespace or another case, which the client does not look for.");
            }

            yield break;
        }

        foreach (var problem in isDeletion ? [] : LintTask(task, name, kind, file))
        {
            yield return problem;
        }
    }

    private static IEnumerable<Diagnostic> LintTask(XElement task, string name, string kind, string file)
    {
        if (!task.Elements("Actions").Elements().Any())
        {
            yield return Problems.TaskInert.At(XmlContent.Where(task, file), $"The task '{name}' has no action.");
        }

        foreach (var boundary in task.Elements("Triggers").Descendants().Where(e => e.Name.LocalName is "StartBoundary" or "EndBoundary"))
        {
            var isTime = DateTimeOffset.TryParseExact(boundary.Value, ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
                CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
            if (boundary.Value != Now && !isTime && !(boundary.Value.StartsWith('%') && boundary.Value.EndsWith('%')))
            {
                yield return Problems.TaskInert.At(XmlContent.Where(boundary, file), $"The {boundary.Name.LocalName} '{boundary.Value}' of the task '{name}' is not a date with a time such as 2026-01-31T08:00:00.");
            }
        }

        if (kind == Immediate)
        {
            var isNow = task.Elements("Triggers").Elements("TimeTrigger").Any(t => t.Element("StartBoundary")?.Value == Now && t.Element("EndBoundary")?.Value == Now);
            var ends = task.Element("Settings")?.Element("DeleteExpiredTaskAfter")?.Value == "PT0S";
            if (!isNow || !ends)
            {
                yield return Problems.TaskNotImmediate.At(XmlContent.Where(task, file),
                    $"The task '{name}' lacks {(isNow ? "DeleteExpiredTaskAfter PT0S" : $"a TimeTrigger from {Now} to {Now}")}.");
            }
        }

        foreach (var setting in task.Elements("Settings").Elements().Where(e => e.Name.LocalName is "DisallowStartIfOnBatteries" or "StopIfGoingOnBatteries" && e.Value.Trim() == "true"))
        {
            yield return Problems.TaskSkipsBatteries.At(XmlContent.Where(setting, file), $"The task '{name}' has {setting.Name.LocalName} set.");
        }
    }

    /// <summary>Names that tools and old instructions give SYSTEM, and that current Windows cannot resolve.</summary>
    private static bool IsWrongSystem(string account) =>
        account.Contains("Well-Known-System-Account", StringComparison.OrdinalIgnoreCase) || account.Trim().Equals(@"BUILTIN\SYSTEM", StringComparison.OrdinalIgnoreCase);

    private static string Text(XElement? element, string attribute) => element?.Attribute(attribute)?.Value ?? "";
}
