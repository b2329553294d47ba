namespace MdbDeploy.Inventory;

/// <summary>
/// A device being put together from the fields of one row. Of several values for one field the first counts; managers add up. Its texts lie in the record they were read from, and
/// those that devices share are numbers of the <see cref="TextPool"/>.
/// </summary>
internal ref struct DeviceDraft
{
    private ReadOnlySpan<char> name;
    private ReadOnlySpan<char> otherName;
    private ReadOnlySpan<char> fqdn;
    private int pathDomain;
    private bool hasOs;
    private WindowsEdition osEdition;
    private OsFamily os;
    private bool osIsVague;
    private WindowsEdition edition;
    private DeviceRole role;
    private JoinType join;
    private Management managedBy;
    private VdiKind? vdi;
    private DeviceState? state;
    private bool? goldenImage;
    private bool? onboarded;

    public int Domain;
    public ReadOnlySpan<char> CanonicalName;
    public int OsName;
    public WindowsBuild? Build;

    /// <summary>Column of a build that is none, counted from 1; 0 when there is none.</summary>
    public int BadBuildColumn;
    public Guid EntraDeviceId;
    public Guid IntuneDeviceId;
    public Guid AdObjectId;
    public ReadOnlySpan<char> Serial;
    public int Ou;
    public int Site;
    public int Method;
    public int Ring;
    public int Tags;
    public int Image;
    public ReadOnlySpan<char> Owner;
    public DateTimeOffset? LastSeen;

    /// <summary>The device's name: as a column gives it, else the first label of its DNS name, else the leaf of its distinguished name. Empty when nothing gives one.</summary>
    public readonly ReadOnlySpan<char> Name => name.IsEmpty ? otherName : name;

    /// <summary>Operating system family so far.</summary>
    public readonly OsFamily Os => os;

    /// <summary>Takes over a word of a field.</summary>
    public void SetWord(DeviceField field, int code)
    {
        if (code == DeviceFields.Silent)
        {
            return;
        }

        switch (field)
        {
            case DeviceField.Os:
                os = os == OsFamily.Unknown ? (OsFamily)code : os;
                break;
            case DeviceField.Edition:
                edition = edition == WindowsEdition.Unknown ? (WindowsEdition)code : edition;
                break;
            case DeviceField.Role:
                role = role == DeviceRole.Unknown ? (DeviceRole)code : role;
                break;
            case DeviceField.Join:
                join = join == JoinType.Unknown ? (JoinType)code : join;
                break;
            case DeviceField.ManagedBy:
                managedBy |= (Management)code;
                break;
            case DeviceField.Vdi:
                vdi ??= (VdiKind)code;
                break;
            case DeviceField.State:
                state ??= (DeviceState)code;
                break;
            case DeviceField.GoldenImage:
                goldenImage ??= code == 1;
                break;
            case DeviceField.Onboarded:
                onboarded ??= code == 1;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(field), field, "The field has no words.");
        }
    }

    /// <summary>Takes over the parts of a name column.</summary>
    public void SetName(scoped in NameText text, TextPool pool)
    {
        name = name.IsEmpty ? text.Name : name;
        SetDns(text, pool);
        if (!text.DistinguishedName.IsEmpty)
        {
            SetDistinguishedName(text.DistinguishedName, pool);
        }
    }

    /// <summary>Takes over the parts of a DNS name column.</summary>
    public void SetDns(scoped in NameText text, TextPool pool)
    {
        otherName = otherName.IsEmpty && name.IsEmpty ? text.Name : otherName;
        fqdn = fqdn.IsEmpty ? text.Fqdn : fqdn;

        // DOMAIN\NAME says which directory it is; the suffix of a DNS name need not, and is used when nothing else does.
        if (Domain == 0 && !text.Domain.IsEmpty && text.Fqdn.IsEmpty)
        {
            Domain = pool.NumberOf(text.Domain);
        }
    }

    /// <summary>Takes over a distinguished name.</summary>
    public void SetDistinguishedName(ReadOnlySpan<char> dn, TextPool pool)
    {
        otherName = otherName.IsEmpty && name.IsEmpty ? DirectoryPath.LeafOf(dn) : otherName;
        var parent = DirectoryPath.ParentOf(dn);
        if (!parent.IsEmpty && Ou == 0)
        {
            Ou = pool.NumberOf(parent);
            pathDomain = pool.DomainOf(Ou);
        }
    }

    /// <summary>Takes over what the name of an operating system says.</summary>
    public void SetOs(OsText text, TextPool pool)
    {
        if (!hasOs)
        {
            hasOs = true;
            OsName = pool.NumberOf(text.Name);
            osIsVague = text.IsVague;
            osEdition = text.Edition;
            os = text.Family == OsFamily.Unknown ? os : text.Family;
        }
    }

    /// <summary>Completes the draft with the constants of its profile and with what follows from the values together.</summary>
    public void Complete(ReadOnlySpan<(DeviceField Field, int Code)> constants, TextPool pool)
    {
        foreach (var (field, code) in constants)
        {
            SetWord(field, code);
        }

        // A column for the edition says more than the name of the system, which Intune and Entra word loosely.
        edition = edition == WindowsEdition.Unknown ? osEdition : edition;
        CompleteOs();
        if (!CanonicalName.IsEmpty)
        {
            CompletePath(CanonicalName, pool);
        }

        if (role == DeviceRole.Unknown)
        {
            role = Ou != 0 && pool[Ou]!.StartsWith("OU=Domain Controllers,DC=", StringComparison.OrdinalIgnoreCase) ? DeviceRole.DomainController
                : os == OsFamily.WindowsServer ? DeviceRole.Server
                : os == OsFamily.WindowsClient ? DeviceRole.Client
                : DeviceRole.Unknown;
        }

        if (Domain == 0)
        {
            Span<char> suffix = stackalloc char[fqdn.Length - fqdn.IndexOf('.') - 1];
            fqdn[(fqdn.IndexOf('.') + 1)..].ToLowerInvariant(suffix);
            Domain = pathDomain != 0 || fqdn.IsEmpty ? pathDomain : pool.NumberOf(suffix);
        }
    }

    /// <summary>Adds the row to others.</summary>
    public readonly void AddTo(DeviceRows rows, int source, int line)
    {
        var own = new OwnFields
        {
            Name = rows.Utf8(Name),
            Serial = rows.Utf8(Serial),
            Owner = rows.Utf8(Owner),
            Entra = EntraDeviceId,
            Intune = IntuneDeviceId,
            Directory = AdObjectId,
            LastSeen = LastSeen,
        };
        rows.SetFqdn(ref own, fqdn);
        var shared = new SharedFields
        {
            Domain = Domain,
            Os = os,
            OsName = OsName,
            Edition = edition,
            Build = Build,
            Role = role,
            Join = join,
            ManagedBy = managedBy,
            Ou = Ou,
            Site = Site,
            Method = Method,
            Ring = Ring,
            Tags = Tags,
            Vdi = vdi ?? VdiKind.None,
            Image = Image,
            IsGoldenImage = goldenImage ?? false,
            State = state ?? DeviceState.Active,
            IsOnboarded = onboarded,
            Says = (state is null ? 0 : RowSays.State) | (goldenImage == false ? RowSays.NotGolden : 0) | (osIsVague ? RowSays.VagueOs : 0),
        };
        rows.Add(own, shared, source, line);
    }

    private void CompleteOs()
    {
        // Intune and Entra call servers "Windows" too; only the edition tells.
        if (edition == WindowsEdition.Server && os is OsFamily.Unknown or OsFamily.WindowsClient)
        {
            os = OsFamily.WindowsServer;
        }

        switch (os)
        {
            case OsFamily.WindowsServer:
                edition = WindowsEdition.Server;
                osIsVague = false;
                break;
            case OsFamily.WindowsClient or OsFamily.Unknown:
                osIsVague &= edition == WindowsEdition.Unknown;
                break;
            default:
                // A version such as 17.5.1 is right for a telephone.
                edition = WindowsEdition.Unknown;
                Build = null;
                BadBuildColumn = 0;
                break;
        }
    }

    private void CompletePath(ReadOnlySpan<char> canonical, TextPool pool)
    {
        var at = DirectoryPath.LastSeparator(canonical);
        var hasLeaf = at >= 0 && canonical[(at + 1)..].Equals(Name, StringComparison.OrdinalIgnoreCase);
        if (Ou == 0 && DirectoryPath.FromCanonical(hasLeaf ? canonical[..at] : canonical) is { } dn)
        {
            Ou = pool.NumberOf(dn);
            pathDomain = pathDomain == 0 ? pool.DomainOf(Ou) : pathDomain;
        }
    }
}
