using System.Globalization;
using System.Text;
using CsCheck;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Planning;

/// <summary>Lines of several threads stand in a file in their order, and an error of one ends all.</summary>
public class LinesInOrderTests
{
    [Fact]
    public void Lines_stand_in_their_order_whoever_comes_first() =>
        Gen.Select(Gen.Int[0, 200].Array[0, 60], Gen.Int[1, 4]).Sample(
            (lengths, threads) =>
            {
                using var stream = new MemoryStream();
                LinesInOrder.Write(stream, threads, lengths.Length, (part, buffer) =>
                {
                    Thread.SpinWait(lengths[part] * 20);
                    buffer.Put(Line(part, lengths[part]));
                });
                stream.ToArray().ShouldBe(lengths.Index().SelectMany(line => Line(line.Index, line.Item)));
            },
            iter: 200);

    [Fact]
    public void An_error_while_writing_ends_all_threads()
    {
        using var stream = new MemoryStream(new byte[100], writable: true);
        Should.Throw<NotSupportedException>(() => LinesInOrder.Write(stream, 3, 1000, (part, buffer) => buffer.Put(Line(part, 30))));
    }

    [Fact]
    public void An_error_before_writing_ends_all_threads_and_leaves_no_gap()
    {
        using var stream = new MemoryStream();
        Should.Throw<FormatException>(() => LinesInOrder.Write(stream, 3, 1000, (part, buffer) => buffer.Put(part == 17 ? throw new FormatException() : Line(part, 30))));
        stream.ToArray().ShouldBe(Enumerable.Range(0, 17).SelectMany(part => Line(part, 30)).Take((int)stream.Length));
    }

    private static byte[] Line(int part, int length) => Encoding.ASCII.GetBytes(part.ToString(CultureInfo.InvariantCulture) + new string('x', length) + "\r\n");
}
