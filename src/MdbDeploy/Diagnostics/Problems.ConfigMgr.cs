namespace MdbDeploy.Diagnostics;

/// <content>MDB0743 to 0749, 0764 to 0769: Configuration Manager: signing in with Kerberos, certificates, membership.</content>
public static partial class Problems
{
    /// <summary>No ticket to sign in with.</summary>
    public static readonly Problem TicketMissing = new("MDB0743", Severity.Error,
        "There is no Kerberos ticket to sign in with.",
        "Run 'kinit user@REALM', or set KRB5_CLIENT_KTNAME to a keytab, or name 'user' under targets.configmgr and its password in MDBDEPLOY_CONFIGMGR_PASSWORD. On Windows, sign in to the domain.");

    /// <summary>The ticket expired.</summary>
    public static readonly Problem TicketExpired = new("MDB0744", Severity.Error,
        "The Kerberos ticket has expired.", "Run 'kinit' again and repeat the command: a push continues where it stopped. A keytab in KRB5_CLIENT_KTNAME renews by itself.");

    /// <summary>The domain knows no such service.</summary>
    public static readonly Problem ServicePrincipalUnknown = new("MDB0745", Severity.Error,
        "The domain knows no service of this name.",
        "Give the SMS provider's fully qualified name, not an address; check with 'setspn -Q HTTP/name' that the name is registered for one account only (HOST/name includes it).");

    /// <summary>User or password is wrong.</summary>
    public static readonly Problem PasswordRefused = new("MDB0746", Severity.Error,
        "The domain refuses user or password.", "Write the user as user@REALM with the realm in capitals, and check the password in MDBDEPLOY_CONFIGMGR_PASSWORD.");

    /// <summary>Kerberos itself does not work.</summary>
    public static readonly Problem KerberosUnavailable = new("MDB0747", Severity.Error,
        "Kerberos does not work on this computer.", "Install its library, and check that a domain controller is reachable, that the clock is right and that krb5.conf names the realm.");

    /// <summary>The site refuses a good ticket.</summary>
    public static readonly Problem TicketRefused = new("MDB0748", Severity.Error,
        "The site refuses the account.", "Make it an administrative user of the site (Administration > Security > Administrative Users); AdminService.log on the provider says why it was refused.");

    /// <summary>The certificate is not checked.</summary>
    public static readonly Problem CertificateNotChecked = new("MDB0749", Severity.Warning,
        "The certificate of the site is not checked: whoever stands between can read and change everything.", "Leave --insecure out, and name the site's certificate authority in 'caFile' or its certificate in 'thumbprint'.");

    /// <summary>Devices are not members yet.</summary>
    public static readonly Problem MembersNotThere = new("MDB0764", Severity.Warning,
        "Devices are not members of their collection yet.", "Large sites take minutes to evaluate: look again with 'mdbdeploy push --wait 600', which writes nothing when nothing differs; colleval.log on the site server tells more.");

    /// <summary>Intune has the Endpoint Protection workload.</summary>
    public static readonly Problem WorkloadElsewhere = new("MDB0765", Severity.Warning,
        "Co-management gives Endpoint Protection of the device to Intune, where Configuration Manager's policy does not apply.", "Route the device to Intune, or move the workload back to Configuration Manager.");

    /// <summary>A name stands for several records where one is needed.</summary>
    public static readonly Problem DeviceRecordUnclear = new("MDB0766", Severity.Warning,
        "Several current records bear the name of the device, and a direct rule or custom property takes one: none was chosen.",
        "Delete the record that is out of date, give the device's fully qualified name in the inventory, or take 'membership: query-by-name'.");

    /// <summary>The site has no custom properties.</summary>
    public static readonly Problem CustomPropertiesMissing = new("MDB0767", Severity.Error,
        "The site knows no custom properties of devices.", "They came with version 2107 and need the right to read devices; take 'membership: query-by-name' under targets.configmgr otherwise.");
}
