namespace MdbDeploy.Planning;

/// <summary>
/// Lines that several threads put together and that are written in their order, by whoever brings what is next. A thread that is ahead goes on with another buffer, as long as there is one.
/// </summary>
internal sealed class LinesInOrder
{
    private const int BuffersOfAThread = 3;

    private readonly object gate = new();
    private readonly Dictionary<int, LineBuffer> filled = [];
    private readonly Stream stream;
    private readonly Stack<LineBuffer> free;
    private int taken;
    private int next;
    private bool isWriting;
    private bool hasFailed;

    private LinesInOrder(Stream stream, int threads)
    {
        this.stream = stream;
        free = new(Enumerable.Range(0, threads * BuffersOfAThread).Select(_ => new LineBuffer()));
    }

    /// <summary>Writes lines to a stream.</summary>
    /// <param name="stream">Receives them.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="count">Number of parts.</param>
    /// <param name="fill">Puts the lines of a part into an empty buffer; asked by several threads.</param>
    /// <exception cref="IOException">The stream could not be written.</exception>
    public static void Write(Stream stream, int threads, int count, Action<int, LineBuffer> fill)
    {
        var lines = new LinesInOrder(stream, threads);

        // Not as an exception of exceptions: that a disk is full is for people to read.
        Task.WhenAll(Enumerable.Range(0, threads).Select(_ => Task.Run(() => lines.Work(count, fill)))).GetAwaiter().GetResult();
    }

    private void Work(int count, Action<int, LineBuffer> fill)
    {
        try
        {
            while (Take(count) is var (part, buffer))
            {
                fill(part, buffer);
                Put(part, buffer);
            }
        }
        catch
        {
            // Those who wait would wait for ever.
            lock (gate)
            {
                hasFailed = true;
                Monitor.PulseAll(gate);
            }

            throw;
        }
    }

    /// <summary>The next part, and an empty buffer for it. Both at once, so that the part all others wait for has one.</summary>
    private (int Part, LineBuffer Buffer)? Take(int count)
    {
        lock (gate)
        {
            while (!hasFailed && taken < count && free.Count == 0)
            {
                Monitor.Wait(gate);
            }

            if (hasFailed || taken == count)
            {
                return null;
            }

            var buffer = free.Pop();
            buffer.Clear();
            return (taken++, buffer);
        }
    }

    private void Put(int part, LineBuffer buffer)
    {
        lock (gate)
        {
            filled.Add(part, buffer);
            if (isWriting)
            {
                return;
            }

            isWriting = true;
        }

        for (var ready = MoveOn(null); ready is not null; ready = MoveOn(ready))
        {
            stream.Write(ready.Written);
        }
    }

    /// <summary>What is next to be written, if it is there.</summary>
    private LineBuffer? MoveOn(LineBuffer? written)
    {
        lock (gate)
        {
            if (written is not null)
            {
                free.Push(written);
                Monitor.Pulse(gate);
            }

            isWriting = filled.Remove(next, out var ready);
            next += isWriting ? 1 : 0;
            return ready;
        }
    }
}
