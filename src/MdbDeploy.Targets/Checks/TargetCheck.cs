namespace MdbDeploy.Targets.Checks;

/// <summary>What came of looking at one thing that a push needs.</summary>
public enum Verdict
{
    /// <summary>It is there.</summary>
    Passed,

    /// <summary>Nobody tells before the first write.</summary>
    Unknown,

    /// <summary>Reading works, a push would be refused or hindered.</summary>
    Warning,

    /// <summary>It is not there.</summary>
    Failed,
}

/// <summary>One thing that was looked at before anything is written.</summary>
/// <param name="System">The system, for example "Microsoft Graph".</param>
/// <param name="What">What of it, for example "groups".</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Finding">What was found, and what to do where something is missing.</param>
public sealed record TargetCheck(string System, string What, Verdict Verdict, string Finding);
