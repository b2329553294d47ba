using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>When Intune last heard from its devices. A policy arrives with the next check-in, every 8 hours, so this tells a device that waits from one that is off.</summary>
public static class IntuneStatus
{
    /// <summary>Reads all Windows devices that Intune manages.</summary>
    /// <param name="graph">Client of Graph, see <see cref="GraphConnection.Graph"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">The devices could not be read.</exception>
    public static IAsyncEnumerable<ManagedDevice> ReadAsync(RestClient graph, CancellationToken cancellationToken) =>
        graph.ListAsync($"deviceManagement/managedDevices?{ManagedDevice.Select}", cancellationToken: cancellationToken).Select(ManagedDevice.Read).OfType<ManagedDevice>();
}
