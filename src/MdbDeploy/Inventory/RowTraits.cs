namespace MdbDeploy.Inventory;

/// <summary>What a row, or rows united so far, has: a bit per key, in the order of strength, and what tells records apart.</summary>
[Flags]
internal enum RowTraits : ushort
{
    None = 0,
    Entra = 1,
    Serial = 2,
    Intune = 4,
    Sms = 8,
    Directory = 16,
    Fqdn = 32,
    DomainName = 64,
    Keys = 127,

    /// <summary>Has an Entra device id that is more than the registration of somebody's account on the device.</summary>
    Joined = 128,
    Windows = 256,
    OtherSystem = 512,
}
