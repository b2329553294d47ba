namespace MdbDeploy.Diagnostics;

/// <content>Block 03: the plan.</content>
public static partial class Problems
{
    /// <summary>An expression over device fields is not valid.</summary>
    public static readonly Problem ExpressionInvalid = new("MDB0301", Severity.Error,
        "A condition over device fields is not valid.", "Compare fields with == != < <= > >= or contains, and join with and, or, not(...); texts stand in single quotes.");

    /// <summary>A routing rule names a method that does not exist.</summary>
    public static readonly Problem RoutingMethodUnknown = new("MDB0302", Severity.Error,
        "A routing rule names a method that does not exist.", "Use one of the methods named, or add a channel folder with that method under templates/.");

    /// <summary>The inventory asks for a method that cannot be used.</summary>
    public static readonly Problem RequestedMethodUnusable = new("MDB0303", Severity.Warning,
        "The inventory asks for a method that cannot be used.", "Correct the method column; the other rules decided instead.");

    /// <summary>The inventory asks for a ring that does not exist.</summary>
    public static readonly Problem RequestedRingUnknown = new("MDB0304", Severity.Warning,
        "The inventory asks for a ring that does not exist.", "Correct the ring column, or add the ring to mdbdeploy.yaml; the other rules decided instead.");

    /// <summary>A ring holds no device.</summary>
    public static readonly Problem RingMatchesNothing = new("MDB0305", Severity.Warning,
        "A ring holds no device.", "Check its match, max and percent, and whether a ring before it takes everything.");

    /// <summary>A golden image is onboarded.</summary>
    public static readonly Problem GoldenImageOnboarded = new("MDB0306", Severity.Error,
        "A golden image is onboarded, so every desktop made from it would share its identity.", "Offboard the image and clean it before it is sealed again; if it is no golden image, correct the inventory.");

    /// <summary>A package for a planned method is missing.</summary>
    public static readonly Problem PackageMissing = new("MDB0307", Severity.Warning,
        "The package of a planned method is missing.", "Download it from the Defender portal (security.microsoft.com) as the message says, and put the zip into the packages folder.");

    /// <summary>No channel renders a planned method.</summary>
    public static readonly Problem MethodWithoutChannel = new("MDB0308", Severity.Warning,
        "No channel renders a planned method, so nothing is written for its devices.", "Add a channel with that method under templates/, or send the devices elsewhere with a routing rule.");

    /// <summary>More devices than the local script serves.</summary>
    public static readonly Problem LocalScriptLimit = new("MDB0309", Severity.Warning,
        "More devices are left for the local script than it serves.", "Enrol or join the devices, or name the ones that get the script in the method column or with a routing rule.");

    /// <summary>More users than Defender for Business serves.</summary>
    public static readonly Problem TooManyUsers = new("MDB0310", Severity.Warning,
        "The devices belong to more users than Defender for Business serves.", "Check the licences: Defender for Business ends there, Defender for Endpoint does not.");

    /// <summary>A user with more devices than the licence covers.</summary>
    public static readonly Problem TooManyDevicesPerUser = new("MDB0311", Severity.Warning,
        "A user owns more devices than a licence covers.", "Check the owners, which inventories often take from the enrolling account, or license the surplus.");

    /// <summary>More servers than the add-on licence covers.</summary>
    public static readonly Problem TooManyServers = new("MDB0312", Severity.Warning,
        "More servers are planned than the server licence of Defender for Business covers.", "Check the licences: beyond this number servers need Microsoft Defender for Servers.");

    /// <summary>Automatic onboarding excludes rings.</summary>
    public static readonly Problem AutomaticExcludesRings = new("MDB0313", Severity.Warning,
        "Automatic onboarding takes all enrolled devices at once, so they are in no ring.", "To onboard them ring by ring, choose 'onboarding: manual' here and in the tenant.");

    /// <summary>Nothing in the inventory has that name.</summary>
    public static readonly Problem DeviceNotInInventory = new("MDB0314", Severity.Error,
        "No device of the inventory has that name.", "Give the computer name, the DNS name or DOMAIN\\name as the inventory has it.");

    /// <summary>The whole inventory is old.</summary>
    public static readonly Problem InventoryIsOld = new("MDB0315", Severity.Warning,
        "No device of the inventory was seen lately.", "Export again; or judge as of the day of the export with --as-of, for a rehearsal.");

    /// <summary>Whole units get the policies of every ring.</summary>
    public static readonly Problem UnitsExcludeRings = new("MDB0316", Severity.Warning,
        "Group Policy Objects apply to whole units, so that rings are not kept apart.", "Leave 'targeting: unit' out, so that each ring gets a group of its own; or plan these devices in one ring.");

    /// <summary>A ring holds more devices than it is to hold.</summary>
    public static readonly Problem RingOverfull = new("MDB0317", Severity.Warning,
        "A ring holds more devices than its size, since the inventory asks for it by name.", "Take devices out of the ring column, or raise the ring's max; what the inventory asks for comes before max.");
}
