using System.Collections.Immutable;
using System.Reflection;

namespace MdbDeploy.Diagnostics;

/// <summary>
/// The catalogue of everything that can be wrong with the input, in blocks by stage: 01 project file and command line, 02 inventory, 03 planning,
/// 04 packages, 05 templates, 06 bundle, 07 targets, 08 formats. README.md lists it; a test holds the two together.
/// </summary>
public static class Problems
{
    // 01: project file and command line

    /// <summary>There is no project file.</summary>
    public static readonly Problem ProjectFileMissing = new("MDB0101", Severity.Error,
        "There is no mdbdeploy.yaml.", "Give the folder that holds it, or make a project with 'mdbdeploy new'.");

    /// <summary>The project file is no YAML.</summary>
    public static readonly Problem ProjectFileUnreadable = new("MDB0102", Severity.Error,
        "The project file cannot be read.", "Correct the YAML at the line and column given: indent with blanks, and put texts with ':' or '#' in single quotes.");

    /// <summary>A key or value of the project file cannot be used.</summary>
    public static readonly Problem ProjectValueInvalid = new("MDB0103", Severity.Error,
        "A setting of the project file is missing, unknown or of the wrong type.", "Correct the line; the message says what is expected there.");

    /// <summary>A name of a ring or an image has other characters than it may have.</summary>
    public static readonly Problem ProjectNameInvalid = new("MDB0104", Severity.Error,
        "A name holds characters that groups, collections or folders cannot have.", "Choose a name of letters A to Z, digits, blanks, dots, dashes and underscores.");

    /// <summary>Two rings or images have the same name.</summary>
    public static readonly Problem ProjectNameDuplicate = new("MDB0105", Severity.Error,
        "Two rings or two images have the same name.", "Rename one of them; upper and lower case and the signs between letters and digits make no difference.");

    /// <summary>The project file would hold a secret.</summary>
    public static readonly Problem ProjectHoldsSecret = new("MDB0106", Severity.Error,
        "The project file holds a secret.", "Take it out and replace it where it is used, since it may have been copied or committed; client secrets come from the environment variable MDBDEPLOY_CLIENT_SECRET or the credential chain.");

    /// <summary>A share is named by the server's short name.</summary>
    public static readonly Problem ShareWithoutDomain = new("MDB0107", Severity.Warning,
        "A share is given by the short name of its server.", "Write the server's full DNS name, as Microsoft's instructions ask, so that every site finds it.");

    /// <summary>An inventory file does not exist.</summary>
    public static readonly Problem InventoryFileMissing = new("MDB0108", Severity.Error,
        "An inventory file of the project does not exist.", "Correct 'inventory:' in mdbdeploy.yaml, or put the file there; paths start at the project's folder.");

    /// <summary>A pattern of the inventory matches no file.</summary>
    public static readonly Problem InventoryPatternMatchesNothing = new("MDB0109", Severity.Warning,
        "A pattern of 'inventory:' matches no file.", "Put an export there, or take the pattern out of mdbdeploy.yaml.");

    /// <summary>There is no catalogue of settings.</summary>
    public static readonly Problem PoliciesFolderMissing = new("MDB0130", Severity.Error,
        "The policies folder or its settings.csv cannot be read.", "Reinstall the tool: it ships its policies beside the program.");

    /// <summary>The catalogue of settings is not valid.</summary>
    public static readonly Problem SettingsFileInvalid = new("MDB0131", Severity.Error,
        "The catalogue of settings is not valid.", "Correct the line of policies/settings.csv; policies/README.md explains the columns.");

    /// <summary>A preset is not valid.</summary>
    public static readonly Problem PolicyPresetInvalid = new("MDB0132", Severity.Error,
        "A policy preset is not valid.", "Correct the line; policies/README.md explains presets, and settings.csv lists every setting with its values.");

    /// <summary>The project names a preset that does not exist.</summary>
    public static readonly Problem PolicyPresetUnknown = new("MDB0133", Severity.Error,
        "The project names a policy preset that does not exist.", "Correct 'policies:' in mdbdeploy.yaml: a preset is a file of policies/ without '.yaml'.");

    /// <summary>Two presets of the project disagree.</summary>
    public static readonly Problem PolicyPresetsDisagree = new("MDB0134", Severity.Error,
        "Two policy presets give a setting different values.", "Take one of the presets out of 'policies:' in mdbdeploy.yaml, or change one of them.");

    /// <summary>The folder for a new project holds something.</summary>
    public static readonly Problem ScaffoldFolderIsNotEmpty = new("MDB0150", Severity.Error,
        "The folder for a new project is not empty.", "Name another folder; a project that stands there is never overwritten.");

    /// <summary>A new project cannot be written.</summary>
    public static readonly Problem ScaffoldCannotBeWritten = new("MDB0151", Severity.Error,
        "The new project cannot be written.", "Check that you may write there, and that the templates folder of the tool is complete.");

    /// <summary>Faults for the lab that say nothing.</summary>
    public static readonly Problem LabFaultsInvalid = new("MDB0160", Severity.Error,
        "The faults for the lab are not valid.", "Write them as 'mdbdeploy lab --help' shows, for example '429:0.1' or 'latency:50ms'.");

    // 02: inventory

    /// <summary>An inventory file cannot be read.</summary>
    public static readonly Problem InventoryFileCannotBeRead = new("MDB0201", Severity.Error, "An inventory file cannot be read.", "Check that the file exists and that nobody else has it open.");

    /// <summary>An inventory file is empty.</summary>
    public static readonly Problem InventoryFileIsEmpty = new("MDB0202", Severity.Error, "An inventory file is empty.", "Export it again, or take it out of the project.");

    /// <summary>An inventory file is not a text file.</summary>
    public static readonly Problem InventoryFileIsNotText = new("MDB0203", Severity.Error, "An inventory file is not a text file.", "Save or unpack it as CSV.");

    /// <summary>No column of an inventory file holds the name of the device.</summary>
    public static readonly Problem InventoryHasNoNameColumn = new("MDB0204", Severity.Error, "No column of an inventory file holds the name of the device.", "Give the column with the computer names the header 'name', or choose the import profile.");

    /// <summary>An inventory file has a header and no rows.</summary>
    public static readonly Problem InventoryHasNoRows = new("MDB0205", Severity.Warning, "An inventory file has a header and no rows.", "Check the filter of the export.");

    /// <summary>A record is too long, and the rest of the file was not read.</summary>
    public static readonly Problem InventoryRecordIsTooLong = new("MDB0206", Severity.Error, "A record is too long, and the rest of the file was not read.", "Look for a quote that is never closed near this line.");

    /// <summary>A quoted field is never closed, so that the rest of the file belongs to it.</summary>
    public static readonly Problem InventoryQuoteIsNeverClosed = new("MDB0207", Severity.Error, "A quoted field is never closed, so that the rest of the file belongs to it.", "Close the quote, or export the file again: it may have been cut off.");

    /// <summary>An import profile is wrong.</summary>
    public static readonly Problem ImportProfileIsInvalid = new("MDB0208", Severity.Error, "An import profile is wrong.", "Correct the profile; the built-in ones are examples.");

    /// <summary>There is no import profile of that name.</summary>
    public static readonly Problem ImportProfileIsUnknown = new("MDB0209", Severity.Error, "There is no import profile of that name.", "Use one of the names listed, or leave the profile out.");

    /// <summary>The import profile that was asked for does not fit the file.</summary>
    public static readonly Problem ImportProfileDoesNotFit = new("MDB0210", Severity.Error, "The import profile that was asked for does not fit the file.", "Leave the profile out to have it recognised, or choose another.");

    /// <summary>An inventory file is neither UTF-8 nor marked as UTF-16, and was read as Windows-1252.</summary>
    public static readonly Problem InventoryIsWindows1252 = new("MDB0211", Severity.Warning, "An inventory file is neither UTF-8 nor marked as UTF-16, and was read as Windows-1252.", "Check the letters beyond ASCII, or export with -Encoding UTF8.");

    /// <summary>An inventory file is marked as UTF-8 and holds bytes that are not.</summary>
    public static readonly Problem InventoryTextIsDamaged = new("MDB0212", Severity.Warning, "An inventory file is marked as UTF-8 and holds bytes that are not.", "Export it again; the damaged characters were replaced.");

    /// <summary>The sep= line of an inventory file names no usable delimiter.</summary>
    public static readonly Problem SeparatorHintIsUnusable = new("MDB0213", Severity.Warning, "The sep= line of an inventory file names no usable delimiter.", "Name one character that is neither letter, digit nor quote; the delimiter was found from the text.");

    /// <summary>Lines above the header of an inventory file were left out.</summary>
    public static readonly Problem InventoryHeaderIsPreceded = new("MDB0214", Severity.Info, "Lines above the header of an inventory file were left out.", "Nothing, if they are a title.");

    /// <summary>Two columns of an inventory file have the same header.</summary>
    public static readonly Problem InventoryHeaderIsDuplicate = new("MDB0215", Severity.Warning, "Two columns of an inventory file have the same header.", "Rename one of them; the first is used.");

    /// <summary>A column of an inventory file has values and no header.</summary>
    public static readonly Problem InventoryHeaderIsBlank = new("MDB0216", Severity.Info, "A column of an inventory file has values and no header.", "Nothing, if the column is not needed; it is not used.");

    /// <summary>A row has fewer fields than the header.</summary>
    public static readonly Problem InventoryRowIsShort = new("MDB0217", Severity.Warning, "A row has fewer fields than the header.", "Check the row; the missing fields count as empty.");

    /// <summary>A row has more fields than the header.</summary>
    public static readonly Problem InventoryRowIsLong = new("MDB0218", Severity.Warning, "A row has more fields than the header.", "Check whether an unquoted delimiter shifted its fields; the surplus was left out.");

    /// <summary>Blank rows were left out.</summary>
    public static readonly Problem InventoryRowIsBlank = new("MDB0219", Severity.Info, "Blank rows were left out.", "Nothing.");

    /// <summary>A row that sums up the list was left out.</summary>
    public static readonly Problem InventoryRowIsFooter = new("MDB0220", Severity.Info, "A row that sums up the list was left out.", "Nothing, if it names no device.");

    /// <summary>A row without a device name was left out.</summary>
    public static readonly Problem InventoryRowHasNoName = new("MDB0221", Severity.Warning, "A row without a device name was left out.", "Add the name if the row is a device.");

    /// <summary>A quote stands where none may stand, and was kept as text.</summary>
    public static readonly Problem InventoryQuotingIsOdd = new("MDB0222", Severity.Warning, "A quote stands where none may stand, and was kept as text.", "Check the row: its fields may be shifted.");

    /// <summary>A value held NUL characters, which were removed.</summary>
    public static readonly Problem InventoryValueHasNul = new("MDB0223", Severity.Warning, "A value held NUL characters, which were removed.", "Export the file again: it may be damaged.");

    /// <summary>A device name holds characters that no Windows computer name has.</summary>
    public static readonly Problem DeviceNameIsUnusual = new("MDB0224", Severity.Warning, "A device name holds characters that no Windows computer name has.", "Check the name; it is kept as it is.");

    /// <summary>A Windows computer name is longer than the 15 characters of a NetBIOS name.</summary>
    public static readonly Problem DeviceNameIsLong = new("MDB0225", Severity.Info, "A Windows computer name is longer than the 15 characters of a NetBIOS name.", "Check that other sources do not cut it off: a cut name is another device.");

    /// <summary>A value is no GUID, and was left out.</summary>
    public static readonly Problem GuidIsInvalid = new("MDB0226", Severity.Warning, "A value is no GUID, and was left out.", "Correct or clear the value.");

    /// <summary>A value is no date, or one that does not exist, and was left out.</summary>
    public static readonly Problem DateIsInvalid = new("MDB0227", Severity.Warning, "A value is no date, or one that does not exist, and was left out.", "Write dates as yyyy-MM-dd.");

    /// <summary>A date can be read in two ways, and was left out.</summary>
    public static readonly Problem DateIsAmbiguous = new("MDB0228", Severity.Warning, "A date can be read in two ways, and was left out.", "Write dates as yyyy-MM-dd; nothing else in the column tells the order of day and month.");

    /// <summary>The order of day and month was taken from other dates of the column.</summary>
    public static readonly Problem DateOrderIsInferred = new("MDB0229", Severity.Info, "The order of day and month was taken from other dates of the column.", "Nothing, if the order is right.");

    /// <summary>A date is the number Excel keeps it as, and was read as such.</summary>
    public static readonly Problem DateIsExcelNumber = new("MDB0230", Severity.Info, "A date is the number Excel keeps it as, and was read as such.", "Format the column as a date before saving as CSV.");

    /// <summary>A value is no Windows build, and was left out.</summary>
    public static readonly Problem BuildIsInvalid = new("MDB0231", Severity.Warning, "A value is no Windows build, and was left out.", "Write builds as 10.0.22631.4460 or 22631.4460.");

    /// <summary>Serial numbers that identify no machine were left out.</summary>
    public static readonly Problem SerialIsPlaceholder = new("MDB0232", Severity.Info, "Serial numbers that identify no machine were left out.", "Nothing.");

    /// <summary>A serial number looks like a number that Excel rounded, and was left out.</summary>
    public static readonly Problem SerialWasDamagedByExcel = new("MDB0233", Severity.Warning, "A serial number looks like a number that Excel rounded, and was left out.", "Export it again and open it with the column formatted as text.");

    /// <summary>A value is not known for its field, and was left out.</summary>
    public static readonly Problem InventoryValueIsUnknown = new("MDB0234", Severity.Warning, "A value is not known for its field, and was left out.", "Use a known value, or add this one to an import profile.");

    /// <summary>PowerShell wrote the type of a list instead of its items.</summary>
    public static readonly Problem InventoryValueIsUnexpanded = new("MDB0235", Severity.Info, "PowerShell wrote the type of a list instead of its items.", "Join the items in the export, for example with -join ';'.");

    /// <summary>Owners that are no user principal names were left out.</summary>
    public static readonly Problem OwnerIsNoUserPrincipalName = new("MDB0236", Severity.Info, "Owners that are no user principal names were left out.", "Nothing, unless the limit of devices per user matters.");

    /// <summary>Two rows of one file describe the same device, and were merged.</summary>
    public static readonly Problem RowsDescribeOneDevice = new("MDB0237", Severity.Warning, "Two rows of one file describe the same device, and were merged.", "Check which row is right; of two values the newer row's was kept.");

    /// <summary>Two sources disagree about a device.</summary>
    public static readonly Problem SourcesDisagree = new("MDB0238", Severity.Warning, "Two sources disagree about a device.", "Check the device; the more trusted source's value was kept.");

    /// <summary>Two sources know a device by different names.</summary>
    public static readonly Problem DeviceWasRenamed = new("MDB0239", Severity.Info, "Two sources know a device by different names.", "Nothing, if it was renamed; the more trusted source's name is used.");

    /// <summary>A record could be more than one device, and was merged with none.</summary>
    public static readonly Problem DeviceMatchIsAmbiguous = new("MDB0240", Severity.Warning, "A record could be more than one device, and was merged with none.", "Add a key that tells them apart, or remove the stale records.");

    /// <summary>Several devices have the same name.</summary>
    public static readonly Problem DevicesShareAName = new("MDB0241", Severity.Info, "Several devices have the same name.", "Nothing, if they are different devices; otherwise remove the stale records.");

    // 03: planning

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

    // 04: packages

    /// <summary>A file of the packages folder cannot be read.</summary>
    public static readonly Problem PackageCannotBeRead = new("MDB0401", Severity.Error,
        "A file of the packages folder cannot be read.", "Check that it exists, that you may read it and that nobody else has it open.");

    /// <summary>A file holds no onboarding package.</summary>
    public static readonly Problem PackageIsNotRecognized = new("MDB0402", Severity.Error,
        "A file holds no onboarding package.", "Download the package again from the Defender portal (Settings, Endpoints, Onboarding); it needs no particular name. Take other files out of the packages folder.");

    /// <summary>The onboarding information in a package is damaged.</summary>
    public static readonly Problem PackageIsDamaged = new("MDB0403", Severity.Error,
        "The onboarding information in a package is damaged.", "Download the package again and do not open it with an editor: the information is signed.");

    /// <summary>A script of the packages folder onboards and offboards.</summary>
    public static readonly Problem PackageContradictsItself = new("MDB0404", Severity.Error,
        "A script of the packages folder onboards and offboards.", "Somebody changed it: download the package again.");

    /// <summary>The packages belong to different organisations.</summary>
    public static readonly Problem PackagesAreOfSeveralOrganizations = new("MDB0405", Severity.Error,
        "The packages belong to different organisations.", "Keep the packages of one tenant in a project, and make one project per tenant.");

    /// <summary>An archive of the packages folder is cut off or damaged.</summary>
    public static readonly Problem ArchiveIsDamaged = new("MDB0406", Severity.Error,
        "An archive of the packages folder is cut off or damaged.", "Download it again.");

    /// <summary>An archive of the packages folder is encrypted.</summary>
    public static readonly Problem ArchiveIsEncrypted = new("MDB0407", Severity.Error,
        "An archive of the packages folder is encrypted.", "Unpack it with its password and put the packages into the folder; the portal does not encrypt them.");

    /// <summary>A file has a path that no package of the portal has.</summary>
    public static readonly Problem PackagePathIsUnsafe = new("MDB0408", Severity.Error,
        "A file has a path that no package of the portal has.", "The archive is not from the portal: delete it and download the package again.");

    /// <summary>An archive or the packages folder is far larger than packages of the portal are.</summary>
    public static readonly Problem ArchiveIsTooLarge = new("MDB0409", Severity.Error,
        "An archive or the packages folder is far larger than packages of the portal are.", "Take out what is no package; if it came from the portal, download it again.");

    /// <summary>Archives lie too deep within archives.</summary>
    public static readonly Problem ArchiveIsNestedTooDeep = new("MDB0410", Severity.Error,
        "Archives lie too deep within archives.", "Unpack the outer ones.");

    /// <summary>The name of an offboarding package and its content say different expiry dates.</summary>
    public static readonly Problem OffboardingDatesDiffer = new("MDB0411", Severity.Warning,
        "The name of an offboarding package and its content say different expiry dates.", "Somebody may have renamed it: download a new one.");

    /// <summary>There are two packages of one kind with different content.</summary>
    public static readonly Problem PackageIsThereTwice = new("MDB0412", Severity.Warning,
        "There are two packages of one kind with different content.", "Delete the one that is out of date; of onboarding packages the first by name is used, of offboarding packages the one that lasts longest.");

    /// <summary>There are no onboarding packages.</summary>
    public static readonly Problem NoPackages = new("MDB0413", Severity.Warning,
        "There are no onboarding packages.", "Download them from the Defender portal (Settings, Endpoints, Onboarding) and put the zips into the packages folder; only automatic onboarding works without.");

    /// <summary>A file of the packages folder is no onboarding package and was left out.</summary>
    public static readonly Problem FileIsNoPackage = new("MDB0414", Severity.Info,
        "A file of the packages folder is no onboarding package and was left out.", "Nothing, if it is not meant to be one.");

    /// <summary>A file of a package was saved with an editor.</summary>
    public static readonly Problem PackageWasSavedAgain = new("MDB0415", Severity.Warning,
        "A file of a package was saved with an editor.", "Download the package again: a byte order mark breaks the first line of a script.");

    // 05: templates

    /// <summary>The templates folder is not there.</summary>
    public static readonly Problem TemplatesFolderMissing = new("MDB0501", Severity.Error,
        "The templates folder does not exist.", "Give the folder with --templates, or reinstall the tool: it ships its templates beside the program.");

    /// <summary>A channel.yaml cannot be used.</summary>
    public static readonly Problem ChannelFileInvalid = new("MDB0502", Severity.Error,
        "A channel.yaml is not valid.", "Correct the line; templates/README.md lists every key.");

    /// <summary>A template is not valid.</summary>
    public static readonly Problem TemplateSyntax = new("MDB0503", Severity.Error,
        "A template has a syntax error.", "Correct the template at the line and column given; templates/README.md explains the language.");

    /// <summary>A template failed while it ran.</summary>
    public static readonly Problem TemplateFailed = new("MDB0504", Severity.Error,
        "A template failed while rendering.", "Correct the template, or the value it could not write, at the line and column given.");

    /// <summary>A file type without an escaper.</summary>
    public static readonly Problem NoEscaper = new("MDB0505", Severity.Error,
        "No escaper is known for this type of file.", "Name one with 'escape:' in channel.yaml, so that hostile names stay data in the file.");

    /// <summary>Two outputs, one path.</summary>
    public static readonly Problem DuplicateOutput = new("MDB0506", Severity.Error,
        "Two outputs have the same path.", "Change one of the paths in channel.yaml; paths are compared without regard to case, as Windows does.");

    /// <summary>An output outside the bundle.</summary>
    public static readonly Problem OutputPathInvalid = new("MDB0507", Severity.Error,
        "The path of an output is not a relative path within the bundle.", "Use a relative path with '/' and without '..' in channel.yaml.");

    /// <summary>A resource document that is none.</summary>
    public static readonly Problem ResourceInvalid = new("MDB0508", Severity.Error,
        "A rendered resource is not valid.", "Correct the template: it must render { \"address\", \"kind\", \"method\", \"path\", \"body\" } with a kind that the channel declares.");

    /// <summary>A placeholder that names nothing.</summary>
    public static readonly Problem ResourceReferenceUnknown = new("MDB0509", Severity.Error,
        "A resource refers to an address that nothing renders.", "Correct the {address} in the template, or render the resource it names under the same condition.");

    /// <summary>An output was left out because its condition does not hold.</summary>
    public static readonly Problem OutputSkipped = new("MDB0510", Severity.Warning,
        "Part of a channel was not rendered because something it needs is missing.", "Provide what the message names, usually a package from the Defender portal, and render again.");

    /// <summary>A packer refused its input.</summary>
    public static readonly Problem PackingFailed = new("MDB0511", Severity.Error,
        "A rendered text could not be packed into its binary format.", "Correct the template at the place the message names.");

    // 06: bundle

    /// <summary>There is no bundle yet.</summary>
    public static readonly Problem BundleMissing = new("MDB0601", Severity.Error,
        "There is no bundle.", "Run 'mdbdeploy render' first.");

    /// <summary>bundle.json is broken or of another version.</summary>
    public static readonly Problem BundleUnreadable = new("MDB0602", Severity.Error,
        "The bundle cannot be read.", "Run 'mdbdeploy render' again.");

    /// <summary>A file of the bundle is not the one that was rendered.</summary>
    public static readonly Problem BundleChanged = new("MDB0603", Severity.Error,
        "A file of the bundle changed since it was rendered.", "Nothing is pushed that was not rendered: change the project or the templates and run 'mdbdeploy render' again.");

    /// <summary>The out folder would let secrets into a repository.</summary>
    public static readonly Problem OutFolderNotIgnored = new("MDB0604", Severity.Error,
        "The out folder has a .gitignore that lets files through, and the bundle holds the tenant's onboarding package.", "Make the line '*' its only rule, or choose another out folder.");

    // 07: targets

    /// <summary>The live state is not the one that was reviewed.</summary>
    public static readonly Problem StateMovedSinceReview = new("MDB0740", Severity.Error,
        "The live state moved since it was reviewed.", "Run 'mdbdeploy diff' again, look, and push with the fingerprint it prints.");

    /// <summary>A target that the project does not name.</summary>
    public static readonly Problem TargetNotConfigured = new("MDB0741", Severity.Error,
        "The project names no such target.", "Add it under 'targets:' in mdbdeploy.yaml.");

    // 0701 to 0729: comparing and pushing
    /// <summary>An object that is not ours stands in the place of a desired one.</summary>
    public static readonly Problem ForeignObject = new("MDB0701", Severity.Error,
        "An object that this project did not make stands in the place of a desired one.", "Take it over with --adopt ADDRESS, or rename it, or change the name in the project.");

    /// <summary>Bundle and somebody else changed the same field.</summary>
    public static readonly Problem ConflictingChange = new("MDB0702", Severity.Error,
        "The bundle and somebody else changed the same field since the last push.", "Look at the object; then let the bundle win with --adopt ADDRESS, or change the project to what is there.");

    /// <summary>A dependency that cannot be met.</summary>
    public static readonly Problem NeedIsNotThere = new("MDB0703", Severity.Error,
        "A resource needs another one that is not there before it.", "Correct the {address} in the template, or the phase of the kind in channel.yaml.");

    /// <summary>--ring names nothing.</summary>
    public static readonly Problem RingUnknown = new("MDB0704", Severity.Error,
        "No resource belongs to this ring.", "Name a ring of mdbdeploy.yaml that has devices on this channel.");

    /// <summary>A kind that the bundle does not declare.</summary>
    public static readonly Problem KindUnknown = new("MDB0705", Severity.Error,
        "A resource is of a kind that the bundle does not declare.", "Run 'mdbdeploy render' again.");

    /// <summary>The record of the last push is damaged or not ours.</summary>
    public static readonly Problem StateUnreadable = new("MDB0706", Severity.Warning,
        "The record of the last push cannot be used.", "Nothing is lost but who changed what since; the next push writes it anew.");

    /// <summary>A field that only a creation can set differs.</summary>
    public static readonly Problem CreateOnlyDiffers = new("MDB0707", Severity.Warning,
        "A field differs that can only be given when the object is created.", "Leave it, or delete the object in its portal and push again.");

    /// <summary>Two objects with one marker.</summary>
    public static readonly Problem MarkerTwice = new("MDB0708", Severity.Warning,
        "Several objects carry the same ownership marker; somebody copied one, probably.", "Remove the line 'mdbdeploy:…' from the copy's description, or delete the copy.");

    /// <summary>--adopt names nothing.</summary>
    public static readonly Problem AdoptUnknown = new("MDB0709", Severity.Error,
        "--adopt names an address that the bundle does not hold.", "Copy the address from the output of 'mdbdeploy diff'.");

    /// <summary>A handler that the target does not have.</summary>
    public static readonly Problem HandlerUnknown = new("MDB0710", Severity.Error,
        "A kind of resource has a handler that its target does not know.", "Correct 'handler' of the kind in channel.yaml; templates/README.md lists them.");

    // 0730 to 0749: Configuration Manager
    /// <summary>Not there, or hidden by the account's security scope.</summary>
    public static readonly Problem NotVisible = new("MDB0730", Severity.Error,
        "Something was not found in the site or is not visible to this account.", "Check its name or id, and the security scopes and collections of the account's administrative user.");

    /// <summary>A collection that nobody desires is still in use.</summary>
    public static readonly Problem CollectionInUse = new("MDB0731", Severity.Error,
        "A collection that the bundle no longer wants is still in use.", "Delete the deployments and the collections that build on it, then push again.");

    /// <summary>A built-in collection would be written.</summary>
    public static readonly Problem BuiltInCollection = new("MDB0732", Severity.Error,
        "A built-in collection is never written.", "Give the collection another name in the template.");

    /// <summary>An action answered 201 and failed.</summary>
    public static readonly Problem ActionFailed = new("MDB0733", Severity.Error,
        "The SMS provider did not carry out an action.", "Look at SMSProv.log and AdminService.log on the provider, then push again.");

    /// <summary>Names without a discovery record.</summary>
    public static readonly Problem DeviceNotInSite = new("MDB0734", Severity.Warning,
        "Configuration Manager does not know the device, or hides it from this account.", "Check the name; a device without client is onboarded by Group Policy or the local script.");

    /// <summary>Names without a client.</summary>
    public static readonly Problem DeviceWithoutClient = new("MDB0735", Severity.Warning,
        "The device has no Configuration Manager client and gets no policy.", "Install the client, or route the device to another method.");

    /// <summary>Names whose records are obsolete.</summary>
    public static readonly Problem DeviceObsolete = new("MDB0736", Severity.Warning,
        "Configuration Manager holds only obsolete records of the device.", "Wait for the next heartbeat discovery, or take the device out of the inventory.");

    /// <summary>Names that several current records bear.</summary>
    public static readonly Problem DeviceNameTwice = new("MDB0737", Severity.Warning,
        "Several current records bear the name of the device, and all of them become members.", "Delete the record that is out of date, or limit the query to a domain.");

    // 0750 to 0799: HTTP, sign-in and Graph
    /// <summary>The server refused a request.</summary>
    public static readonly Problem RequestRefused = new("MDB0750", Severity.Error,
        "The server refused a request.",
        "Read the server's message; its support asks for the request id.");

    /// <summary>The server cannot be reached.</summary>
    public static readonly Problem ServerUnreachable = new("MDB0751", Severity.Error,
        "The server cannot be reached.",
        "Check the address, the network and the proxy, then run the command again.");

    /// <summary>The server's certificate is not trusted.</summary>
    public static readonly Problem CertificateNotTrusted = new("MDB0752", Severity.Error,
        "The server's certificate is not trusted.",
        "Check the address; for a private certificate authority, name its PEM file in caFile.");

    /// <summary>Signing in failed.</summary>
    public static readonly Problem SignInRefused = new("MDB0753", Severity.Error,
        "Signing in failed.",
        "Check tenant, application and credential in the target's settings and in the environment.");

    /// <summary>The account may not do this.</summary>
    public static readonly Problem AccessDenied = new("MDB0754", Severity.Error,
        "The account may not do this.",
        "Grant the permission that the server names, or let somebody who holds it approve the request.");

    /// <summary>The server stayed busy through all repetitions.</summary>
    public static readonly Problem ServerBusy = new("MDB0755", Severity.Error,
        "The server stayed busy through all repetitions.",
        "Wait a while, then run the command again: it continues where it stopped.");

    /// <summary>The server did not answer in time.</summary>
    public static readonly Problem NoAnswerInTime = new("MDB0756", Severity.Error,
        "The server did not answer in time.",
        "Check the network, then run the command again: it continues where it stopped.");

    /// <summary>The server's answer cannot be read.</summary>
    public static readonly Problem AnswerUnreadable = new("MDB0757", Severity.Error,
        "The server's answer cannot be read.",
        "Check that the address is the service and not a proxy or a sign-in page.");

    /// <summary>A request would go to another server.</summary>
    public static readonly Problem ForeignAddress = new("MDB0758", Severity.Error,
        "A request would go to another server.",
        "Nothing was sent there; check the address in the target's settings.");

    /// <summary>The answer to a change was lost.</summary>
    public static readonly Problem AnswerLost = new("MDB0759", Severity.Error,
        "The answer to a change was lost.",
        "Run the command again: it looks whether the change was made.");

    /// <summary>A certificate file cannot be read.</summary>
    public static readonly Problem CertificateFileUnreadable = new("MDB0760", Severity.Error,
        "A certificate file cannot be read.",
        "Name a file that exists: PEM for caFile, PEM with its key or PFX for certificateFile.");

    /// <summary>A target's setting is missing.</summary>
    public static readonly Problem TargetSettingMissing = new("MDB0761", Severity.Error,
        "A target's setting is missing.",
        "Add it under targets in mdbdeploy.yaml.");

    /// <summary>A target's setting is not valid.</summary>
    public static readonly Problem TargetSettingInvalid = new("MDB0762", Severity.Error,
        "A target's setting is not valid.",
        "Correct it under targets in mdbdeploy.yaml.");

    /// <summary>A secret is missing from the environment.</summary>
    public static readonly Problem SecretMissing = new("MDB0763", Severity.Error,
        "A secret is missing from the environment.",
        "Set the environment variable for this command only; secrets never stand in a file of the project.");

    /// <summary>Devices are not in Entra ID and are left out of a group.</summary>
    public static readonly Problem DevicesNotInDirectory = new("MDB0770", Severity.Warning,
        "Devices are not in Entra ID and are left out of a group.",
        "Join or register them, or choose another method for them; the next push adds them.");

    /// <summary>Devices could be more than one object of Entra ID and are left out of a group.</summary>
    public static readonly Problem DevicesAmbiguousInDirectory = new("MDB0771", Severity.Warning,
        "Devices could be more than one object of Entra ID and are left out of a group.",
        "Give their Entra device id in the inventory, or remove stale objects from Entra ID.");

    /// <summary>A policy takes the onboarding blob from the connector, which is not enabled.</summary>
    public static readonly Problem ConnectorNotEnabled = new("MDB0772", Severity.Error,
        "A policy takes the onboarding blob from the connector, which is not enabled.",
        "Enable the connection to Intune in the Defender portal (Settings > Endpoints > Advanced features), or render the policy with the portal's package.");

    /// <summary>A policy carries an onboarding blob though the connector is enabled.</summary>
    public static readonly Problem ConnectorEnabledButBlobUsed = new("MDB0773", Severity.Warning,
        "A policy carries an onboarding blob though the connector is enabled.",
        "Set tenant.connector to true in mdbdeploy.yaml: Intune then keeps the blob up to date by itself.");

    /// <summary>The state of the connector between Intune and Defender cannot be read.</summary>
    public static readonly Problem ConnectorStateUnknown = new("MDB0774", Severity.Warning,
        "The state of the connector between Intune and Defender cannot be read.",
        "Grant DeviceManagementServiceConfig.Read.All, or check the connector in the Intune admin center.");

    /// <summary>Devices could not be made members of a group.</summary>
    public static readonly Problem MembersRefused = new("MDB0775", Severity.Error,
        "Devices could not be made members of a group.",
        "Check that they still exist in Entra ID, then run the command again.");

    // 08: formats

    /// <summary>A registry.pol is broken.</summary>
    public static readonly Problem RegistryPolInvalid = new("MDB0801", Severity.Error,
        "A registry.pol cannot be read.", "Restore the file, or make it again: Windows cannot read past a broken entry either.");

    /// <summary>A line of LGPO text that says nothing.</summary>
    public static readonly Problem LgpoTextInvalid = new("MDB0802", Severity.Error,
        "A line of LGPO text is not valid.", "Correct the line: an entry is four lines, 'Computer' or 'User', the key, the value name, and an action such as DWORD:1.");

    /// <summary>An entry that LGPO text has no words for.</summary>
    public static readonly Problem LgpoTextInexpressible = new("MDB0803", Severity.Error,
        "A registry entry cannot be written as LGPO text.", "Write this entry to a registry.pol instead; LGPO text knows only some types and no control characters.");

    /// <summary>A GPO backup is broken.</summary>
    public static readonly Problem BackupUnreadable = new("MDB0804", Severity.Error,
        "A Group Policy backup cannot be read.", "Make the backup again with Backup-GPO, and copy the whole folder, hidden files included.");

    /// <summary>A backup and its files disagree.</summary>
    public static readonly Problem BackupInconsistent = new("MDB0805", Severity.Warning,
        "A Group Policy backup does not agree with its files.", "Make the backup again, or correct Backup.xml: Import-GPO takes only the files that it lists.");

    /// <summary>A file that a backup cannot take.</summary>
    public static readonly Problem BackupContentInvalid = new("MDB0806", Severity.Error,
        "A file cannot be put into a Group Policy backup.", "Use a path below Machine or User with characters that Windows allows, of a kind of setting that this tool knows.");

    /// <summary>Files without their client-side extension.</summary>
    public static readonly Problem ExtensionNotNamed = new("MDB0807", Severity.Warning,
        "A Group Policy backup does not name the client-side extension of its settings.", "Name the extension in Backup.xml: without it clients skip these settings and report no error.");

    /// <summary>A ScheduledTasks.xml is broken.</summary>
    public static readonly Problem ScheduledTasksUnreadable = new("MDB0808", Severity.Error,
        "A ScheduledTasks.xml cannot be read.", "Correct the XML at the line and column given.");

    /// <summary>An account name for SYSTEM that Windows cannot resolve.</summary>
    public static readonly Problem TaskAccountUnknown = new("MDB0809", Severity.Error,
        "A task runs as an account that Windows does not resolve.", "Write 'NT AUTHORITY\\SYSTEM', both in runAs and in UserId.");

    /// <summary>A task without an account.</summary>
    public static readonly Problem TaskAccountMissing = new("MDB0810", Severity.Error,
        "A task has no account to run as.", "Give runAs an account: with an empty one the client creates no task and reports no error.");

    /// <summary>A task that clients ignore.</summary>
    public static readonly Problem TaskInert = new("MDB0811", Severity.Error,
        "A task is written in a form that clients ignore without an error.", "Describe it by a Task element without a namespace, as Group Policy Management does.");

    /// <summary>An immediate task that is not immediate.</summary>
    public static readonly Problem TaskNotImmediate = new("MDB0812", Severity.Error,
        "An immediate task does not start.", "Give it one TimeTrigger whose StartBoundary and EndBoundary are %LocalTimeXmlEx%, and DeleteExpiredTaskAfter PT0S.");

    /// <summary>A filter that clients do not know.</summary>
    public static readonly Problem TargetingNameWrong = new("MDB0813", Severity.Error,
        "An item-level targeting element is misspelt.", "Write the element exactly as Group Policy Management does; a name in other case makes the item apply nowhere.");

    /// <summary>A computer filter that looks at the user.</summary>
    public static readonly Problem TargetingReadsUser = new("MDB0814", Severity.Error,
        "Item-level targeting of a computer setting looks at the user.", "Write userContext=\"0\": without it the filter compares the user who is signed in.");

    /// <summary>A filter that compares addresses.</summary>
    public static readonly Problem TargetingFragile = new("MDB0815", Severity.Warning,
        "Item-level targeting compares addresses instead of names.", "Use type=\"NETBIOS\": a filter of type DNS resolves the name and compares the addresses of the network adapters.");

    /// <summary>A password in SYSVOL.</summary>
    public static readonly Problem PasswordInPreferences = new("MDB0816", Severity.Error,
        "A preference holds a password.", "Remove cpassword and change that password: its key is public (MS14-025).");

    /// <summary>A task that laptops skip.</summary>
    public static readonly Problem TaskSkipsBatteries = new("MDB0817", Severity.Warning,
        "A task does not run on batteries.", "Set DisallowStartIfOnBatteries and StopIfGoingOnBatteries to false.");

    /// <summary>A scripts.ini is broken.</summary>
    public static readonly Problem ScriptsIniInvalid = new("MDB0818", Severity.Error,
        "A scripts.ini is not valid.", "Number the entries from 0 without a gap, each with CmdLine and Parameters.");

    /// <summary>A scripts.ini in the wrong encoding.</summary>
    public static readonly Problem ScriptsIniEncoding = new("MDB0819", Severity.Warning,
        "A scripts.ini is not UTF-16 with a byte order mark.", "Save it as UTF-16LE with byte order mark: clients may ignore it otherwise, without an error (MS-GPSCR 2.2.2).");

    /// <summary>A GPT.INI is broken.</summary>
    public static readonly Problem GptIniInvalid = new("MDB0820", Severity.Error,
        "A GPT.INI is not valid.", "Give it a section [General] with Version=number.");

    /// <summary>All entries, by code.</summary>
    public static ImmutableArray<Problem> All { get; } =
    [
        .. typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<Problem>().OrderBy(problem => problem.Code, StringComparer.Ordinal),
    ];
}
