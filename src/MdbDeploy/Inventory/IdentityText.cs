using System.Buffers;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>What a packed device is recognised by, as <see cref="Device.Identity"/> gives it, in UTF-8 and without making the device.</summary>
internal static class IdentityText
{
    /// <summary>Bytes that suffice for nearly every identity.</summary>
    public const int Usual = 320;

    /// <summary>Writes the identity of a row's device; false when it is not ASCII or there is not room enough.</summary>
    public static bool TryWrite(DeviceRows rows, int row, Span<byte> text, out int length)
    {
        var own = rows.Own(row);
        length = 0;
        if (own.Entra is var entra && entra != Guid.Empty)
        {
            if (!TryPut("entra:"u8, text, ref length) || text.Length - length < IdText.Length)
            {
                return false;
            }

            IdText.Write(entra, text[length..]);
            length += IdText.Length;
            return true;
        }

        if (own.Serial is { IsEmpty: false } serial)
        {
            return TryPut("serial:"u8, text, ref length) && TryPut(serial, text, ref length);
        }

        if (own.HasFqdn)
        {
            return TryPut("dns:"u8, text, ref length) && TryPut(own.Host, text, ref length)
                && (own.FqdnSuffix == 0 || (TryPut("."u8, text, ref length) && TryPut(rows.Texts[own.FqdnSuffix], text, ref length)));
        }

        var domain = rows.Shared(row).Domain;
        return TryPut("name:"u8, text, ref length)
            && (domain == 0 || (TryPut(rows.Texts[domain], text, ref length) && TryPut("\\"u8, text, ref length)))
            && TryPut(own.Name, text, ref length);
    }

    private static bool TryPut(ReadOnlySpan<byte> part, Span<byte> text, ref int length)
    {
        var status = Ascii.ToLower(part, text[length..], out var written);
        length += written;
        return status == OperationStatus.Done;
    }

    private static bool TryPut(ReadOnlySpan<char> part, Span<byte> text, ref int length)
    {
        var status = Ascii.ToLower(part, text[length..], out var written);
        length += written;
        return status == OperationStatus.Done;
    }
}
