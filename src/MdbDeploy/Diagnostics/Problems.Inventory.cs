namespace MdbDeploy.Diagnostics;

/// <content>Block 02: inventory files.</content>
public static partial class Problems
{
    /// <summary>An inventory file cannot be read.</summary>
    public static readonly Problem InventoryFileCannotBeRead = new("MDB0201", Severity.Error, "An inventory file cannot be read.", "Check that the file exists and that nobody else has it open.");

    /// <summary>An inventory file is empty.</summary>
    public static readonly Problem InventoryFileIsEmpty = new("MDB0202", Severity.Error, "An inventory file is empty.", "Export it again, or take it out of the project.");

    /// <summary>An inventory file is neither CSV nor a workbook.</summary>
    public static readonly Problem InventoryFileIsNotText = new("MDB0203", Severity.Error, "An inventory file is neither CSV nor a workbook.", "Hand in the export itself: CSV, .csv.gz or .xlsx.");

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

    /// <summary>An inventory file, or a value of it, holds characters that its encoding does not know.</summary>
    public static readonly Problem InventoryTextIsDamaged = new("MDB0212", Severity.Warning, "An inventory file holds characters that are damaged.", "Export it again; what cannot be read stands as a question mark in a box (U+FFFD).");

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

    /// <summary>There are more problems of a kind than are shown.</summary>
    public static readonly Problem MoreOfTheSame = new("MDB0250", Severity.Info, "There are more problems of a kind than are shown.", "Open out/problems.csv, which lists every one.");

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

    /// <summary>A build is kept as a number, so that zeros at its end are lost.</summary>
    public static readonly Problem BuildLostZeros = new("MDB0242", Severity.Warning, "A workbook keeps a build as a number, so that zeros at the end of its revision are lost; the revision counts as unknown.", "Format the column as text and enter the builds again, or give the CSV that was exported.");

    /// <summary>Values that are no DNS name were left out.</summary>
    public static readonly Problem DnsNameIsInvalid = new("MDB0243", Severity.Warning, "Values that are no DNS name were left out.", "Write DNS names as name.corp.example; a computer name alone belongs into the column for names.");

    /// <summary>Values that are no place in a directory were left out.</summary>
    public static readonly Problem DirectoryPathIsInvalid = new("MDB0244", Severity.Warning, "Values that are no place in a directory were left out.", "Write distinguished names as CN=PC-1,OU=Sales,DC=corp,DC=example, and canonical names as corp.example/Sales/PC-1.");

    /// <summary>An export has just as many rows as its source returns at most.</summary>
    public static readonly Problem InventoryMayBeCutOff = new("MDB0245", Severity.Warning, "An export has just as many rows as its source returns at most.", "Export again and ask for all, for example with Get-BrokerMachine -MaxRecordCount 100000, or page by page.");

    /// <summary>Two sources name different sites of a device.</summary>
    public static readonly Problem SitesDiffer = new("MDB0246", Severity.Info, "Two sources name different sites of a device; the more trusted source's is used.", "Nothing, if both names mean one place; else check which conditions and balanced rings look at it.");

    /// <summary>The header stands in the middle of a file again, and was left out there.</summary>
    public static readonly Problem InventoryHeaderIsRepeated = new("MDB0247", Severity.Info, "The header stands in the middle of a file again, and was left out there.", "Nothing, if exports were put one behind the other.");

    /// <summary>A further sheet of a workbook holds devices, and was not read.</summary>
    public static readonly Problem InventorySheetIsNotRead = new("MDB0248", Severity.Warning, "A further sheet of a workbook holds devices, and was not read.", "Save the sheet as a file of its own and list it under 'inventory:', if its devices are wanted.");
}
