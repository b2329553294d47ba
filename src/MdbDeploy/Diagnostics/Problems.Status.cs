namespace MdbDeploy.Diagnostics;

// 0850 to 0859: status
public static partial class Problems
{
    /// <summary>The history of status cannot be used.</summary>
    public static readonly Problem HistoryUnusable = new("MDB0850", Severity.Warning,
        "The history of status cannot be used.", "Trends and 'waiting since' are missing until it can. Delete .mdbdeploy/history.db to begin anew; gates ask the live systems and do not need it.");

    /// <summary>A results file of scripts cannot be read.</summary>
    public static readonly Problem ResultsFileInvalid = new("MDB0851", Severity.Warning,
        "A results file of scripts, or a line of it, cannot be read.", "Collect the files that the launchers and Test-MdbOnboarding.ps1 wrote, unchanged.");

    /// <summary>A live system did not answer.</summary>
    public static readonly Problem StatusSourceFailed = new("MDB0852", Severity.Error,
        "A live system could not be asked who is onboarded.", "What the others said stands; run the command again when this one answers.");

    /// <summary>The domain was not asked.</summary>
    public static readonly Problem DomainNotAsked = new("MDB0853", Severity.Warning,
        "Active Directory could not be asked to which computers Group Policy applies.",
        "What the others said stands. Sign in to the domain (kinit, or a signed-in user on Windows) and render the bundle first, or name the targets to ask with --target.");

    /// <summary>The live systems were not compared with the bundle.</summary>
    public static readonly Problem NotCompared = new("MDB0854", Severity.Warning,
        "The live systems could not be compared with the bundle.", "The report shows no drift. 'mdbdeploy diff --target NAME' compares one system, 'mdbdeploy doctor' says what is missing.");

    /// <summary>A report of Intune was not read.</summary>
    public static readonly Problem IntuneReportFailed = new("MDB0855", Severity.Warning,
        "A report of Intune could not be read.", "Who is onboarded stands without it; why a device that waits does so may be missing. It needs DeviceManagementConfiguration.Read.All.");
}
