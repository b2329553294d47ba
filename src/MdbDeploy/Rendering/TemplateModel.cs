using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Inventory;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Policies;
using MdbDeploy.Projects;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>What templates see: script objects with snake_case members, documented in templates/README.md.</summary>
internal static class TemplateModel
{
    /// <summary>The part that all outputs of a channel share.</summary>
    public static ScriptObject ForChannel(RenderInput input, Channel channel, IReadOnlyList<PlannedDevice> planned)
    {
        var project = input.Project;
        var places = input.Plan.Rings.ToDictionary(r => r.Name, r => r.Index, StringComparer.Ordinal);
        planned = channel.Method == Methods.LocalScript ? [.. planned.OrderBy(p => p.Ring is { } name ? places.GetValueOrDefault(name) : places.Count)] : planned;
        var devices = new ScriptArray(planned.Select(Device));
        var pool = Pool.Of(input.Plan.Devices, project, input.Packages.OrganizationId);
        var rings = new ScriptArray();
        foreach (var ring in input.Plan.Rings)
        {
            var members = new ScriptArray(planned.Select((p, i) => (p, i)).Where(x => x.p.Ring == ring.Name).Select(x => devices[x.i]));
            if (members.Count > 0)
            {
                var one = Ring(ring, members);
                RingPolicies.AddTo(one, input, ring.Index);
                rings.Add(one);
            }
        }

        var model = new ScriptObject
        {
            ["project"] = Project(project, input.Packages),
            ["tenant"] = new ScriptObject
            {
                ["uses_intune"] = project.Tenant.UsesIntune,
                ["automatic_onboarding"] = project.Tenant.AutomaticOnboarding,
                ["connector"] = project.Tenant.Connector,
                ["enforcement_scope"] = EnforcementScopeCheck.NameOf(project.Tenant.EnforcementScope),
            },
            ["channel"] = new ScriptObject { ["name"] = channel.Name, ["title"] = channel.Title, ["method"] = channel.Method, ["offboards"] = channel.Offboards },
            ["rings"] = rings,
            ["settings_policies"] = SettingsPolicies.Of(input, rings),
            ["devices"] = devices,
            ["golden_images"] = new ScriptArray(input.Plan.Devices.Where(p => p.Device.IsGoldenImage).Select(Device)),
            ["virtual_desktops"] = new ScriptObject { ["filter"] = VirtualDesktops.FilterRule(input.Plan.Devices, project.Images) },
            ["workstations"] = devices.Cast<ScriptObject>().Count(d => d["is_server"] is false),
            ["servers"] = devices.Cast<ScriptObject>().Count(d => d["is_server"] is true),
            ["images"] = new ScriptArray(project.Images.Select(image => Image(image, input, pool))),
            ["desktops_without_image"] = new ScriptArray(pool.Where(desktop => desktop.Image is null).Select(Desktop)),
            ["batches"] = Batches(devices),
            ["offboarding"] = new ScriptObject { ["count"] = input.LeavingBy(channel) },
            ["requirements"] = RequirementsModel.Of(input),
            ["settings"] = new ScriptArray(input.Settings.Select(Setting)),
            ["catalogue"] = TemplatePacking.ModelOf(input.Catalogue),
            ["sample_sharing"] = OnboardingSettings.SampleSharingOf(input.Policies),
            ["package"] = Package(input.PackageOf(channel)),
        };
        model.Import("guid", (string name) => StableGuid.Of(project.Id, name).ToString("B").ToUpperInvariant());
        model.Import("setting", (string path, object? fallback) => Lookup(project, path) ?? fallback);
        return model;
    }

    /// <summary>A golden image.</summary>
    private static ScriptObject Image(ImageSettings image, RenderInput input, IEnumerable<PooledDesktop> pool)
    {
        var settings = input.ImageSettings.GetValueOrDefault(image.Name, []);
        return new ScriptObject
        {
            ["name"] = image.Name,
            ["slug"] = Slug(image.Name),
            ["broker"] = image.Broker,
            ["single_entry"] = image.SingleEntry,
            ["desktops"] = new ScriptArray(image.Desktops),
            ["settings"] = new ScriptArray(settings.Select(Setting)),
            ["intelligence_share"] = image.IntelligenceShare,
            ["has_settings"] = settings.Length > 0 || image.IntelligenceShare is not null,
            ["share"] = image.Share,
            ["pool"] = new ScriptArray(pool.Where(desktop => desktop.Image == image.Name).Select(Desktop)),
        };
    }

    private static ScriptObject Desktop(PooledDesktop desktop) => new()
    {
        ["name"] = desktop.Device.Name,
        ["machine_name"] = desktop.MachineName,
        ["domain"] = desktop.Device.Domain,
        ["image"] = desktop.Image ?? desktop.Device.Image,
        ["sense_guid"] = desktop.SenseGuid?.ToString("D"),
        ["note"] = desktop.Note,
    };

    /// <summary>Lower-case letters, digits and dashes: for addresses and mail nicknames.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    // In the order of rings, so that who goes first comes first.
    private static ScriptArray Batches(ScriptArray devices) => new(devices.Chunk(Requirements.BuiltIn.LocalScriptDevices.Most).Select((chunk, i) => new ScriptObject
    {
        ["index"] = i + 1,
        ["slug"] = FormattableString.Invariant($"batch-{i + 1:00}"),
        ["count"] = chunk.Length,
        ["devices"] = new ScriptArray(chunk),
    }));

    private static ScriptObject Project(DeploymentProject project, PackageSet packages) => new()
    {
        ["organization_id"] = packages.OrganizationId?.ToString("D"),
        ["organization"] = project.Organization,
        ["id"] = project.Id,
        ["share"] = project.Share?.TrimEnd('\\'),
        ["stale_after_days"] = project.StaleAfterDays,
        ["active_directory"] = new ScriptObject
        {
            ["domain"] = Lookup(project, "activeDirectory.domain"),
            ["link"] = Lookup(project, "activeDirectory.link") ?? new ScriptArray(),
            ["groups"] = Lookup(project, "activeDirectory.groups"),
            ["wmi_filter"] = Lookup(project, "activeDirectory.wmiFilter"),
            ["targeting"] = Lookup(project, "activeDirectory.targeting"),
        },
    };

    private static ScriptObject Ring(PlannedRing ring, ScriptArray devices) => new()
    {
        ["name"] = ring.Name,
        ["slug"] = Slug(ring.Name),
        ["index"] = ring.Index,
        ["count"] = devices.Count,
        ["devices"] = devices,
        ["workstations"] = new ScriptArray(devices.Cast<ScriptObject>().Where(d => d["is_server"] is false)),
        ["servers"] = new ScriptArray(devices.Cast<ScriptObject>().Where(d => d["is_server"] is true)),
    };

    private static ScriptObject Device(PlannedDevice planned)
    {
        var device = planned.Device;
        return new ScriptObject
        {
            ["name"] = device.Name,
            ["fqdn"] = device.Fqdn,
            ["domain"] = device.Domain,
            ["ou"] = device.Ou,
            ["site"] = device.Site,
            ["serial"] = device.Serial,
            ["build"] = device.Build?.ToString(),
            ["image"] = device.Image,
            ["owner"] = device.Owner,
            ["tags"] = new ScriptArray(device.Tags),
            ["is_server"] = device.Role is DeviceRole.Server or DeviceRole.DomainController,
            ["entra_device_id"] = device.EntraDeviceId?.ToString("D"),
            ["intune_device_id"] = device.IntuneDeviceId?.ToString("D"),
            ["ring"] = planned.Ring,
            ["eligibility"] = planned.Eligibility.ToString().ToLowerInvariant(),
        };
    }

    internal static ScriptObject Setting(RegistryValue setting) => new()
    {
        ["id"] = setting.Id,
        ["key"] = setting.Key,
        ["value"] = setting.Value,
        ["type"] = setting.Type,
        ["data"] = setting.Data,
    };

    private static ScriptObject Package(OnboardingPackage? package) => package is null
        ? new ScriptObject { ["exists"] = false }
        : new ScriptObject
        {
            ["exists"] = true,
            ["sha256"] = package.Sha256,
            ["organization_id"] = package.OrganizationId?.ToString("D"),
            ["version"] = package.Version,
            ["streamlined"] = package.IsStreamlined,
            ["expires"] = package.Expires?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            ["expires_utc"] = package.Expires?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["valid_until"] = package.Expires?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["interactive"] = package.IsInteractive,
            ["script_name"] = package.Files.Select(f => f.Path.Split('/')[^1]).FirstOrDefault(n => n.EndsWith(".cmd", StringComparison.OrdinalIgnoreCase)),
            ["files"] = new ScriptArray(package.Files.Select(f => new ScriptObject
            {
                ["name"] = f.Path.Split('/')[^1],
                ["path"] = f.Path,
                ["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(f.Content.Span)),
            })),
            ["blob"] = package.Blob is { } blob ? new SecretText(Encoding.UTF8.GetString(blob.Span)) : null,
        };

    private static object? Lookup(DeploymentProject project, string path)
    {
        var parts = path.Split('.');
        JsonNode? node = project.Targets.GetValueOrDefault(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            node = (node as JsonObject)?[part];
        }

        return node switch
        {
            null => null,
            JsonArray array => new ScriptArray(array.Select(item => (object?)item?.ToString())),
            JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => value.GetValue<bool>(),
            _ => node.ToString(),
        };
    }
}
