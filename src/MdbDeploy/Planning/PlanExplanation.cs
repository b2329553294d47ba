using System.Collections.Immutable;

namespace MdbDeploy.Planning;

/// <summary>How the plan for one device came about.</summary>
/// <param name="Planned">What is planned.</param>
/// <param name="Steps">Everything that was tried, in order.</param>
public sealed record PlanExplanation(PlannedDevice Planned, ImmutableArray<ExplainedStep> Steps);

/// <summary>One rule that was tried for a device.</summary>
/// <param name="Stage">What it decides on.</param>
/// <param name="Rule">The rule, as a question or a name.</param>
/// <param name="Applied">Whether it decided; later rules of the same stage were not tried then.</param>
/// <param name="Outcome">What came of it, as a sentence.</param>
public sealed record ExplainedStep(PlanStage Stage, string Rule, bool Applied, string Outcome);

/// <summary>What a rule decides on.</summary>
public enum PlanStage
{
    /// <summary>Whether the device meets the requirements.</summary>
    Requirements,

    /// <summary>The onboarding method.</summary>
    Method,

    /// <summary>The ring.</summary>
    Ring,
}
