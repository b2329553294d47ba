using System.Xml.Linq;
using MdbDeploy.Policies;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>The policies of a ring, as templates see them: <c>settings</c> for Group Policy, <c>policies</c> for Intune, <c>oma_uri</c> for what Intune's settings catalogue lacks, <c>oma_nodes</c> and <c>tag</c> for other MDMs, <c>antimalware</c> and <c>exploit_guard</c> for Configuration Manager.</summary>
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
        var antimalware = values.Where(value => AntimalwareXml.Obstacle(value) is null).ToList();
        ring["antimalware"] = antimalware.Count == 0 ? null : new RawText(Text(AntimalwareXml.Write(antimalware, Name("Antimalware"), $"Settings of the policy presets for ring {ring["name"]}, from mdbdeploy ({input.Project.Id}).").Value!));
        ring["exploit_guard"] = new ScriptArray(ExploitGuard.Write(values.Where(value => ExploitGuard.Obstacle(value) is null)).Value!.Select(preference => new ScriptObject
        {
            ["id"] = preference.Id,
            ["parameter"] = preference.Parameter,
            ["rule"] = preference.Rule,
            ["value"] = preference.Value,
        }));
        ring["roads"] = new ScriptArray(values.Select(value => new ScriptObject
        {
            ["id"] = value.Setting.Id,
            ["road"] = AntimalwareXml.Obstacle(value) is null ? "antimalware policy" : ExploitGuard.Obstacle(value) is null ? "exploit-guard.csv" : value.Setting.Id == OnboardingSettings.SampleSharing ? "onboarding policy" : "none",
        }));
        var nodes = OmaUriChannel.Write(values.Where(value => SettingsCatalogChannel.Obstacle(value) is not null)).Value!;
        ring["oma_uri"] = nodes.Count == 0 ? null : new RawText(OmaUriChannel.ToSettings(nodes).ToJsonString(JsonText.Compact));
        ring["oma_nodes"] = new ScriptArray(OmaUriChannel.Write(values.Where(value => value.Setting.Id is not (OnboardingSettings.SampleSharing or OnboardingSettings.Tag))).Value!.Select(node => new ScriptObject
        {
            ["uri"] = node.Uri,
            ["format"] = node.Format,
            ["type"] = node.Format switch { "int" => "integer", "bool" => "boolean", _ => "string" },
            ["value"] = node.Value,
        }));

        ring["tag"] = values.FirstOrDefault(value => value.Setting.Id == OnboardingSettings.Tag)?.Value ?? ring["name"];

        string Name(string what) => $"MDB - {input.Project.Organization} - {what} - {ring["name"]}";
    }

    private static string Text(XDocument document) => $"{document.Declaration}\n{document}".ReplaceLineEndings("\n");
}
