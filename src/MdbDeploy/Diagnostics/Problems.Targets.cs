namespace MdbDeploy.Diagnostics;

/// <content>Block 07: live systems.</content>
public static partial class Problems
{
    /// <summary>The live state is not the one that was reviewed.</summary>
    public static readonly Problem StateMovedSinceReview = new("MDB0740", Severity.Error,
        "The live state moved since it was reviewed.", "Run 'mdbdeploy diff' again, look, and push with the fingerprint it prints.");

    /// <summary>Somebody pushes already.</summary>
    public static readonly Problem PushIsRunning = new("MDB0742", Severity.Error,
        "Another push of this project is running on this machine.", "Wait for it to end, or end it with Ctrl+C and continue with --resume.");

    /// <summary>A target that the project does not name.</summary>
    public static readonly Problem TargetNotConfigured = new("MDB0741", Severity.Error,
        "The project names no such target.", "Add it under 'targets:' in mdbdeploy.yaml.");

    /// <summary>A ring is pushed whose gate is closed.</summary>
    public static readonly Problem RingGateClosed = new("MDB0738", Severity.Error,
        "The gate of a ring is closed.", "Wait until it opens ('mdbdeploy status' shows the numbers), or push with --ignore-gates when you have reasons to.");

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
}
