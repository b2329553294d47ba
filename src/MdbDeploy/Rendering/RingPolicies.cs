using MdbDeploy.Policies;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>The policies of a ring, as templates see them: <c>settings</c> for Group Policy, <c>policies</c> for Intune, <c>oma_uri</c> for what Intune's settings catalogue lacks, <c>oma_nodes</c> for other MDMs.</summary>
internal static class RingPolicies
{
    /// <summary>Adds the members to a ring.</summary>
    public static void AddTo(ScriptObject ring, RenderInput input, int index)
    {
        var values = input.Policies.InRing(index);
        ring["settings"] = new ScriptArray((values.IsEmpty ? input.Settings : RegistryChannel.Write(values).Value!).Select(TemplateModel.Setting));
        // What the endpoint detection and response template holds is part of the onboarding policy.
        ring["policies"] = new ScriptArray(SettingsCatalogChannel.Write(values).Value!.Where(policy => policy.Name != CatalogTemplates.Edr).Select(policy => new ScriptObject
        {
            ["name"] = policy.Name,
            ["title"] = policy.Template.Title,
            ["template_id"] = policy.Template.TemplateId,
            ["technologies"] = policy.Template.Technologies,
            ["settings"] = new RawText(policy.Settings.ToJsonString(JsonText.Compact)),
        }));
        var nodes = OmaUriChannel.Write(values.Where(value => SettingsCatalogChannel.Obstacle(value) is not null)).Value!;
        ring["oma_uri"] = nodes.Count == 0 ? null : new RawText(OmaUriChannel.ToSettings(nodes).ToJsonString(JsonText.Compact));
        ring["oma_nodes"] = new ScriptArray(OmaUriChannel.Write(values).Value!.Select(node => new ScriptObject
        {
            ["uri"] = node.Uri,
            ["format"] = node.Format,
            ["type"] = node.Format switch { "int" => "integer", "bool" => "boolean", _ => "string" },
            ["value"] = node.Value,
        }));
    }
}
