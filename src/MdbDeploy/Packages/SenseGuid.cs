using System.Security.Cryptography;
using System.Text;

namespace MdbDeploy.Packages;

/// <summary>
/// The identity that <c>Onboard-NonPersistentMachine.ps1</c> gives a non-persistent desktop (registry value <c>senseGuid</c>), so that each session of a
/// machine name keeps one entry in the portal. It depends on organisation and name alone: two machines of one name become one device.
/// </summary>
public static class SenseGuid
{
    /// <summary>
    /// The first 16 bytes of SHA-1 over the UTF-8 text <c>ORGID_MACHINENAME</c>, as .NET's <c>new Guid(byte[])</c> reads them (the portal's script, versions of
    /// 2022 and 2024).
    /// </summary>
    /// <param name="organizationId">Organisation id of the onboarding package, which writes it in lower case.</param>
    /// <param name="machineName"><c>Environment.MachineName</c> of the desktop: the NetBIOS name, usually in upper case. Case matters.</param>
    public static Guid Of(Guid organizationId, string machineName)
    {
#pragma warning disable CA5350 // The portal's script prescribes SHA-1; nothing is protected by it.
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes($"{organizationId:D}_{machineName}"));
#pragma warning restore CA5350
        return new Guid(hash.AsSpan(0, 16));
    }
}
