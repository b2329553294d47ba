using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace MdbDeploy.Tests.Targets.Http;

/// <summary>A server of a few lines: each request meets the next step of the script; the last one stays.</summary>
internal sealed class Scripted(params Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>[] steps) : HttpMessageHandler
{
    public List<(string Method, string Address, string? Body, string? Authorization, DateTimeOffset At)> Requests { get; } = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Answer(int status, string body = "{}", string? retryAfter = null, string? challenge = null) => (_, _) =>
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, body.StartsWith('<') ? "text/html" : "application/json") };
        if (retryAfter is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        }

        if (challenge is not null)
        {
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", challenge);
        }

        return Task.FromResult(response);
    };

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Fail(HttpRequestError error, Exception? inner = null) =>
        (_, _) => Task.FromException<HttpResponseMessage>(new HttpRequestException(error, "It failed.", inner));

    public static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Silence() => async (_, token) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
        throw new InvalidOperationException();
    };

    /// <summary>Waits for a task while the clock runs several hundred times faster than the real one; what happens at a moment has time to happen.</summary>
    public async Task<T> Run<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1, Cancel);
        }

        return await task;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        int count;
        lock (Requests)
        {
            // Reads come several at a time.
            Requests.Add((request.Method.Method, request.RequestUri!.AbsoluteUri, body, request.Headers.Authorization?.ToString(), Time.GetUtcNow()));
            count = Requests.Count;
        }

        return await steps[Math.Min(count, steps.Length) - 1](request, cancellationToken);
    }
}
