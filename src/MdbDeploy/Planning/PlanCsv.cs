using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>
/// Writes <c>plan.csv</c>, one line per device, so that Excel opens it by double click: UTF-8 with byte order mark, CR LF, commas. A text that a spreadsheet
/// would run as a formula gets an apostrophe in front (OWASP, CSV injection).
/// </summary>
public static class PlanCsv
{
    /// <summary>Devices that are formatted at a time: what they come to stays in a processor's own cache until it is written.</summary>
    internal const int Block = 1 << 10;

    /// <summary>Writes the plan to a stream, which stays open. Every processor formats blocks of devices, and they are written in turn.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        stream.Write(Encoding.UTF8.Preamble);
        stream.Write("name,fqdn,os,build,eligibility,method,ring,reason,attention,sources,offboarding\r\n"u8);
        var (lines, length) = (new PlanLines(plan.Devices), plan.Devices.Length);
        var turn = new Turn();
        var taken = -1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() =>
        {
            var buffer = new LineBuffer();
            for (int block; (block = Interlocked.Increment(ref taken)) * (long)Block < length;)
            {
                buffer.Clear();
                lines.Write(block * Block, Math.Min((block + 1) * Block, length), buffer);
                if (!turn.Take(block, () => stream.Write(buffer.Written)))
                {
                    return;
                }
            }
        }));

        // Not as an exception of exceptions: that a disk is full is for people to read.
        Task.WhenAll(threads).GetAwaiter().GetResult();
    }

    /// <summary>The rows a device comes from, as <c>file:line</c>.</summary>
    internal static string Sources(Device device) => Sources(device.Origins);

    /// <summary>Rows as <c>file:line</c>.</summary>
    internal static string Sources(IEnumerable<Origin> origins) => string.Join("; ", origins.Select(o => FormattableString.Invariant($"{o.File}:{o.Line}")));

    /// <summary>Lets threads do something in the order of their numbers.</summary>
    private sealed class Turn
    {
        private readonly object gate = new();
        private int next;
        private bool isOver;

        /// <summary>Waits until it is the turn of a number, and does something; false when it failed for another number before.</summary>
        public bool Take(int number, Action action)
        {
            lock (gate)
            {
                while (next != number && !isOver)
                {
                    Monitor.Wait(gate);
                }

                if (isOver)
                {
                    return false;
                }

                // Those who wait for their turn would wait for ever after an exception.
                isOver = true;
                try
                {
                    action();
                    (next, isOver) = (number + 1, false);
                }
                finally
                {
                    Monitor.PulseAll(gate);
                }

                return true;
            }
        }
    }
}
