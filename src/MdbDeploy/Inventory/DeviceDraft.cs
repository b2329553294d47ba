using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>
/// A device being put together from the fields of one row. Of several values for one field the first counts; managers add up. Its texts are UTF-8 and lie in the record they were read
/// from; those that devices share are numbers of the <see cref="TextPool"/>.
/// </summary>
internal ref struct DeviceDraft
{
    private ReadOnlySpan<byte> name;
    private ReadOnlySpan<byte> otherName;
    private bool hasFqdn;
    private ReadOnlySpan<byte> host;
    private int suffix;
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
    public ReadOnlySpan<byte> CanonicalName;
    public int OsName;
    public WindowsBuild? Build;

    /// <summary>Column of a build that is none, counted from 1; 0 when there is none.</summary>
    public int BadBuildColumn;
    public Guid EntraDeviceId;
    public Guid IntuneDeviceId;
    public Guid SmsId;
    public Guid AdObjectId;
    public ReadOnlySpan<byte> Serial;
    public int Ou;
    public int Site;
    public int Method;
    public int Ring;
    public int Tags;
    public int Image;
    public ReadOnlySpan<byte> Owner;
    public DateTimeOffset? LastSeen;

    /// <summary>The device's name: as a column gives it, else the first label of its DNS name, else the leaf of its distinguished name. Empty when nothing gives one.</summary>
    public readonly ReadOnlySpan<byte> Name => name.IsEmpty ? otherName : name;

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

    /// <summary>Takes over the name of a name column.</summary>
    public void SetName(ReadOnlySpan<byte> value) => name = name.IsEmpty ? value : name;

    /// <summary>Takes over a name that counts when no name column has one.</summary>
    public void SetOtherName(ReadOnlySpan<byte> value) => otherName = otherName.IsEmpty && name.IsEmpty ? value : otherName;

    /// <summary>Takes over a DNS name: its first label, and the number of what follows the first dot.</summary>
    public void SetFqdn(ReadOnlySpan<byte> label, int rest)
    {
        if (!hasFqdn)
        {
            (hasFqdn, suffix) = (true, rest);
            host = label;
        }
    }

    /// <summary>Takes over an id.</summary>
    public void SetId(DeviceField field, Guid id)
    {
        ref var known = ref IdOf(ref this, field);
        known = known == Guid.Empty ? id : known;
    }

    /// <summary>Takes over where a directory holds the device.</summary>
    public void SetUnit(int ou, int domain)
    {
        if (Ou == 0)
        {
            (Ou, pathDomain) = (ou, domain);
        }
    }

    /// <summary>Takes over what the name of an operating system says.</summary>
    public void SetOs(OsText text, int nameNumber)
    {
        if (!hasOs)
        {
            hasOs = true;
            OsName = nameNumber;
            osIsVague = text.IsVague;
            osEdition = text.Edition;
            os = text.Family == OsFamily.Unknown ? os : text.Family;
        }
    }

    /// <summary>Completes the draft with the constants of its profile and with what follows from the values together.</summary>
    public void Complete(ReadOnlySpan<(DeviceField Field, int Code)> constants, TextPool pool, OrganisationalUnits units)
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
            CompletePath(Encoding.UTF8.GetString(CanonicalName), pool, units);
        }

        if (role == DeviceRole.Unknown)
        {
            role = Ou != 0 && units.Of(Ou).HoldsDomainControllers ? DeviceRole.DomainController
                : os == OsFamily.WindowsServer ? DeviceRole.Server
                : os == OsFamily.WindowsClient ? DeviceRole.Client
                : DeviceRole.Unknown;
        }

        // The suffix of a DNS name need not be the directory's, and is used when nothing else says which it is.
        Domain = Domain != 0 ? Domain : pathDomain != 0 ? pathDomain : suffix;
    }

    /// <summary>Packs the row.</summary>
    public readonly PackedRow Pack(RowPacker packer, int source, int line)
    {
        var own = new OwnFields
        {
            Name = Name,
            Serial = Serial,
            Owner = Owner,
            HasFqdn = hasFqdn,
            Host = host,
            FqdnSuffix = suffix,
            Entra = EntraDeviceId,
            Intune = IntuneDeviceId,
            Sms = SmsId,
            Directory = AdObjectId,
            LastSeen = LastSeen,
        };
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
        return packer.Pack(own, packer.NumberOf(shared), source, line);
    }

    private static ref Guid IdOf(ref DeviceDraft draft, DeviceField field)
    {
        switch (field)
        {
            case DeviceField.EntraDeviceId:
                return ref draft.EntraDeviceId;
            case DeviceField.IntuneDeviceId:
                return ref draft.IntuneDeviceId;
            case DeviceField.SmsId:
                return ref draft.SmsId;
            default:
                return ref draft.AdObjectId;
        }
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

    private void CompletePath(ReadOnlySpan<char> canonical, TextPool pool, OrganisationalUnits units)
    {
        var at = DirectoryPath.LastSeparator(canonical);
        var hasLeaf = at >= 0 && canonical[(at + 1)..].Equals(Encoding.UTF8.GetString(Name), StringComparison.OrdinalIgnoreCase);
        if (Ou == 0 && DirectoryPath.FromCanonical(hasLeaf ? canonical[..at] : canonical) is { } dn)
        {
            var number = pool.NumberOf(dn);
            SetUnit(number, units.Of(number).Domain);
        }
    }
}
