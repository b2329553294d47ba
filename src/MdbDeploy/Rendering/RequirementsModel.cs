using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>What templates see of the requirements: for scripts that check a device on the spot and for check lists.</summary>
internal static class RequirementsModel
{
    /// <summary>Builds, editions, steps and addresses; of the last two those that the plan's methods and packages need.</summary>
    public static ScriptObject Of(RenderInput input)
    {
        var requirements = Requirements.BuiltIn;
        var prerequisites = Prerequisites.Of(input.Plan, input.Packages);
        return new ScriptObject
        {
            ["builds"] = new ScriptArray(requirements.Builds.Select(row => new ScriptObject
            {
                ["server"] = row.Os == OsFamily.WindowsServer,
                ["name"] = row.Name,
                ["first"] = row.First,
                ["last"] = row.Last,
                ["revision"] = row.Revision,
                ["kb"] = row.Kb,
                ["verdict"] = DeviceWords.Of(row.Verdict),
                ["reason"] = row.Reason,
            })),
            ["editions"] = new ScriptArray(prerequisites.EditionIds.Select(id => (id, row: requirements.Editions.FirstOrDefault(e => e.Edition == id.Edition))).Select(pair => new ScriptObject
            {
                ["pattern"] = pair.id.Pattern,
                ["name"] = DeviceWords.Of(pair.id.Edition),
                ["verdict"] = DeviceWords.Of(pair.row?.Verdict ?? Eligibility.Unknown),
                ["reason"] = pair.row?.Reason,
            })),
            ["steps"] = new ScriptArray(prerequisites.Steps.Select(step => new ScriptObject
            {
                ["title"] = step.Title,
                ["detail"] = step.Detail,
                ["methods"] = new ScriptArray(step.Methods.Select(Methods.TitleOf)),
                ["source"] = step.Source.Source,
            })),
            ["addresses"] = new ScriptArray(prerequisites.Addresses.Select(address => new ScriptObject
            {
                ["host"] = address.Host,
                ["url"] = $"{address.Scheme}://{address.Host}/",
                ["purpose"] = address.Purpose,
                ["exact"] = address.IsExact,
                ["methods"] = new ScriptArray(address.Methods.Select(Methods.TitleOf)),
                ["source"] = address.Source.Source,
            })),
        };
    }
}
