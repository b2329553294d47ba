using MdbDeploy.Diagnostics;
using MdbDeploy.Policies;
using MdbDeploy.Projects;

namespace MdbDeploy.Planning;

/// <summary>What goes wrong between the policies of golden images and those that reach the desktops made from them. A pure function of plan and policies.</summary>
public static class ImagePolicyConflicts
{
    /// <summary>Everything found, in a fixed order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="project">The project, for its images.</param>
    /// <param name="images">The policies of each image, by its name.</param>
    /// <param name="existing">Policies that reach devices besides.</param>
    public static IEnumerable<Diagnostic> Find(Plan plan, DeploymentProject project, IReadOnlyDictionary<string, PolicySelection> images, IReadOnlyList<ImportedPolicy> existing)
    {
        foreach (var image in project.Images)
        {
            var values = images.GetValueOrDefault(image.Name, PolicySelection.Empty).Last;
            foreach (var left in RegistryChannel.Write(values).Diagnostics)
            {
                yield return left with { Message = $"{left.Message} The image '{image.Name}' carries its policies as registry values." };
            }

            foreach (var policy in existing)
            {
                var differences = PolicyConflicts.Differences(values, policy.Reading.Values).ToList();
                var both = differences.Count == 0 ? 0 : plan.Devices.CountMatching(outcome => outcome.Method == Methods.VdiScript, device => Pool.IsOf(device, image, project) && PolicyConflicts.Reaches(policy.Channel, device));
                foreach (var (ours, theirs) in both == 0 ? [] : differences)
                {
                    // The image's values are those of a local policy, which any policy of the domain overrides.
                    yield return Problems.SettingsConflict.At(Location.Of(ours.Setting.Id),
                        $"{PolicyConflicts.Count(both)} get {ours.Setting.Id} = {ours.Word} from image '{image.Name}' and {theirs.Word} from '{policy.Name}' ({PolicyConflicts.Title(policy.Channel)}). {(policy.Channel == PolicyChannel.GroupPolicy ? "The domain's policy wins over the image's." : PolicyConflicts.Winner(PolicyChannel.GroupPolicy, policy.Channel))}");
                }
            }
        }
    }
}
