using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli.Reports;

/// <summary>The word of each condition, the same in every output.</summary>
internal static class StatusWords
{
    /// <summary>The word.</summary>
    public static string Of(DeviceCondition condition) => condition switch
    {
        DeviceCondition.Onboarded => "onboarded",
        DeviceCondition.Waiting => "waiting",
        DeviceCondition.Failed => "failed",
        DeviceCondition.Unreachable => "unreachable",
        DeviceCondition.WrongOrganization => "wrong organisation",
        DeviceCondition.Duplicate => "duplicate",
        DeviceCondition.Unexpected => "unexpected",
        DeviceCondition.Ghost => "ghost",
        _ => "not planned",
    };
}
