using System.Globalization;
using MdbDeploy.Inventory;

namespace MdbDeploy.Policies;

/// <summary>The Windows versions that know a setting, by the build number of the release (19045, 26100).</summary>
public sealed class SupportedBuilds
{
    private readonly int? client;
    private readonly int? server;

    private SupportedBuilds(string text, int? client, int? server)
    {
        Text = text;
        this.client = client;
        this.server = server;
    }

    /// <summary>Every version.</summary>
    public static SupportedBuilds All { get; } = new("", 0, 0);

    /// <summary>As the catalogue writes it.</summary>
    public string Text { get; }

    /// <summary>Reads <c>client&gt;=17134 server</c>: what is not named does not know the setting; an empty text is every version. Null for anything else.</summary>
    public static SupportedBuilds? Parse(string text)
    {
        if (text.Length == 0)
        {
            return All;
        }

        int? client = null;
        int? server = null;
        foreach (var part in text.Split(' '))
        {
            var pieces = part.Split(">=");
            var build = 0;
            if (pieces.Length > 2 || (pieces.Length == 2 && !int.TryParse(pieces[1], NumberStyles.None, CultureInfo.InvariantCulture, out build)))
            {
                return null;
            }

            switch (pieces[0])
            {
                case "client" when client is null:
                    client = build;
                    break;
                case "server" when server is null:
                    server = build;
                    break;
                default:
                    return null;
            }
        }

        return new(text, client, server);
    }

    /// <summary>Whether a device knows the setting; null when the inventory does not say enough.</summary>
    public bool? Include(Device device)
    {
        if (device.Role == DeviceRole.Unknown)
        {
            return this == All ? true : null;
        }

        var least = device.Role is DeviceRole.Server or DeviceRole.DomainController ? server : client;
        return least switch
        {
            null => false,
            0 => true,
            _ => device.Build is { } build ? build.Number >= least : null,
        };
    }
}
