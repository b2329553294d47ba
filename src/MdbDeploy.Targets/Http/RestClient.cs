using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using Polly;
using Polly.Retry;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// JSON over HTTP to one server. Repeats what may be repeated: a read when the server is busy or the connection breaks; a write only when the server certainly did not
/// act (429, 503 with Retry-After, no connection) or doing it twice is doing it once. Everything else that leaves a write open is a <see cref="LostAnswerException"/>. Nothing waits for ever.
/// </summary>
public sealed class RestClient : IDisposable
{
    private static readonly string[] Forbidden = ["Authorization", "Host"];

    private readonly HttpClient http;
    private readonly RestOptions options;
    private readonly TimeProvider time;
    private readonly TokenSource? tokens;
    private readonly Func<Guid> newId;
    private readonly ResiliencePipeline<Attempt> pipeline;

    /// <summary>Creates a client.</summary>
    /// <param name="options">Where to and how.</param>
    /// <param name="handler">The connections, from <see cref="Transport"/>; disposed with the client.</param>
    /// <param name="time">The clock of delays, deadlines and dates.</param>
    /// <param name="tokens">Tokens to attach; null when the handler signs in itself (Negotiate).</param>
    /// <param name="trace">Counts what is sent; null for a new one.</param>
    /// <param name="newId">Names requests (<c>client-request-id</c>); null for random ones.</param>
    public RestClient(RestOptions options, HttpMessageHandler handler, TimeProvider time, TokenSource? tokens = null, RequestTrace? trace = null, Func<Guid>? newId = null)
    {
        this.options = options;
        this.time = time;
        this.tokens = tokens;
        this.newId = newId ?? Guid.NewGuid;
        Trace = trace ?? new RequestTrace();
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = options.LargestAnswer };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("MdbDeploy", typeof(RestClient).Assembly.GetName().Version!.ToString(3)));
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = Math.Max(1, Math.Max(options.Retries, options.ConnectionRetries)),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstDelay,
                MaxDelay = options.LongestDelay,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { } attempt && args.AttemptNumber < Repetitions(attempt)),
                DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result?.RetryAfter),
                OnRetry = _ =>
                {
                    Trace.Repeated();
                    return default;
                },
            })
            .Build();
    }

    /// <summary>What was sent so far.</summary>
    public RequestTrace Trace { get; }

    /// <summary>The server's base address.</summary>
    public Uri BaseAddress => options.BaseAddress;

    /// <summary>Sends a request and returns the answer, whatever its status; a busy server was asked several times before.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the waiting between repetitions, and a read at once. A write that is on its way is always waited for.</param>
    /// <exception cref="LostAnswerException">A write may have happened or not.</exception>
    /// <exception cref="TargetException">The server cannot be reached or trusted, or signing in failed.</exception>
    public async Task<RestResponse> SendAsync(RestRequest request, CancellationToken cancellationToken)
    {
        var address = Resolve(request.Path);
        var started = time.GetTimestamp();
        using var total = new CancellationTokenSource(options.TotalTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellationToken);
        Attempt? last = null;
        try
        {
            last = await pipeline.ExecuteAsync(
                async token =>
                {
                    last = await AttemptAsync(request, address, total.Token, token);
                    // There is no point in waiting beyond the deadline.
                    return last.RetryAfter > options.TotalTimeout - time.GetElapsedTime(started) ? last with { Repeat = Repeat.Never } : last;
                },
                either.Token);
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            last ??= new Attempt(null, null, null, Repeat.Never);
        }

        return last switch
        {
            { IsLost: true } => throw new LostAnswerException(
                Problems.AnswerLost.At(Location.None, $"{RestError.Describe(request)}: {Describe(last, address)}; whether the server carried it out is not known."), last.Failure),
            { Response: { } response } => response,
            { Failure: { } failure } when failure is not OperationCanceledException || !total.IsCancellationRequested => throw new TargetException(ProblemOf(failure).At(Location.None, $"{RestError.Describe(request)}: {Describe(last, address)}."), failure),
            _ => throw new TargetException(Problems.NoAnswerInTime.At(Location.None, $"{RestError.Describe(request)}: {address.Authority} did not answer within {Seconds(options.TotalTimeout)}.")),
        };
    }

    /// <summary>Sends a request without further ado.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path and query, relative and escaped.</param>
    /// <param name="body">JSON body; null for none.</param>
    /// <param name="headers">Further headers; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LostAnswerException">A write may have happened or not.</exception>
    /// <exception cref="TargetException">The server cannot be reached or trusted, or signing in failed.</exception>
    public Task<RestResponse> SendAsync(HttpMethod method, string path, JsonNode? body, IReadOnlyDictionary<string, string>? headers, CancellationToken cancellationToken)
    {
        var request = new RestRequest(method, path, body);
        return SendAsync(headers is null ? request : request with { Headers = headers }, cancellationToken);
    }

    /// <summary>Reads a list to its last page: <c>value</c> of each, following <c>@odata.nextLink</c> as long as it stays on the same server.</summary>
    /// <param name="path">Path and query of the first page.</param>
    /// <param name="headers">Further headers; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TargetException">A page could not be read.</exception>
    public async IAsyncEnumerable<JsonObject> ListAsync(string path, IReadOnlyDictionary<string, string>? headers = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var next = path; next is not null;)
        {
            if (!seen.Add(next))
            {
                throw new TargetException(Problems.AnswerUnreadable.At(Location.None, $"{RestError.Describe(RestRequest.Get(next))}: the pages of the list go round in a circle."));
            }

            var page = (await SendAsync(HttpMethod.Get, next, null, headers, cancellationToken)).EnsureSuccess().AsObject();
            if (page["value"] is not JsonArray rows)
            {
                throw new TargetException(Problems.AnswerUnreadable.At(Location.None, $"{RestError.Describe(RestRequest.Get(next))}: the answer is no list."));
            }

            foreach (var row in rows.OfType<JsonObject>())
            {
                yield return row;
            }

            next = page["@odata.nextLink"] is JsonValue link && link.TryGetValue<string>(out var text) ? text : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private Uri Resolve(string path)
    {
        if (!Uri.TryCreate(options.BaseAddress, path, out var address)
            || address.Scheme != options.BaseAddress.Scheme
            || !string.Equals(address.Authority, options.BaseAddress.Authority, StringComparison.OrdinalIgnoreCase))
        {
            // It would carry our token.
            throw new TargetException(Problems.ForeignAddress.At(Location.None, $"The address '{path.Split('?')[0]}' is not on {options.BaseAddress.Authority}."));
        }

        return address;
    }

    private int Repetitions(Attempt attempt) => attempt.Repeat switch
    {
        Repeat.WhenServerHasTime => options.Retries,
        Repeat.WhenConnected => options.ConnectionRetries,
        _ => 0,
    };

    private async Task<Attempt> AttemptAsync(RestRequest request, Uri address, CancellationToken total, CancellationToken either)
    {
        either.ThrowIfCancellationRequested();
        var token = tokens is null ? null : await tokens.GetAsync(either);
        var attempt = await ExchangeAsync(request, address, token, total, either);
        if (tokens is not null && attempt.Response is { Status: 401 } refused)
        {
            // Once: what the server refuses with a fresh token it refuses for good. A refused request was not carried out.
            token = await tokens.RenewAsync(token!, refused.Header("WWW-Authenticate"), either);
            attempt = await ExchangeAsync(request, address, token, total, either);
        }

        return attempt;
    }

    private async Task<Attempt> ExchangeAsync(RestRequest request, Uri address, string? token, CancellationToken total, CancellationToken either)
    {
        var id = newId();
        using var message = Message(request, address, token, id);
        using var timer = new CancellationTokenSource(options.AttemptTimeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, request.IsRead ? either : total);
        var started = time.GetTimestamp();
        Trace.Sent(request);
        RestResponse? response = null;
        try
        {
            using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, ends.Token);
            var text = await answer.Content.ReadAsStringAsync(ends.Token);
            response = new RestResponse(request, (int)answer.StatusCode, RestResponse.Parse(text), text, Headers(answer));
            return Judge(response);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && (!either.IsCancellationRequested || total.IsCancellationRequested)))
        {
            return Judge(request, e);
        }
        finally
        {
            Trace.Answered(request, response?.Status ?? 0, time.GetElapsedTime(started), id);
        }
    }

    private static HttpRequestMessage Message(RestRequest request, Uri address, string? token, Guid id)
    {
        var message = new HttpRequestMessage(request.Method, address);
        message.Headers.Add("client-request-id", id.ToString());
        foreach (var (name, value) in request.Headers)
        {
            Debug.Assert(!Forbidden.Contains(name, StringComparer.OrdinalIgnoreCase), "The client sets it.");
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(JsonText.ToCompactBytes(body));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return message;
    }

    private static Dictionary<string, string> Headers(HttpResponseMessage answer)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            headers[name] = string.Join(", ", values);
        }

        return headers;
    }

    private Attempt Judge(RestResponse response)
    {
        var retryAfter = RestResponse.RetryAfter(response.Header("Retry-After"), time.GetUtcNow());
        return response.Status switch
        {
            429 => new Attempt(response, null, retryAfter, Repeat.WhenServerHasTime),
            503 when response.Request.IsRead || retryAfter is not null => new Attempt(response, null, retryAfter, Repeat.WhenServerHasTime),
            // A gateway gave up: what stands behind it may have gone on.
            408 or 502 or 503 or 504 => new Attempt(response, null, retryAfter, response.Request.IsIdempotent ? Repeat.WhenServerHasTime : Repeat.Never) { IsLost = !response.Request.IsRead },
            _ => new Attempt(response, null, null, Repeat.Never),
        };
    }

    private static Attempt Judge(RestRequest request, Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException }
            or HttpRequestException { HttpRequestError: HttpRequestError.UserAuthenticationError } => new Attempt(null, failure, null, Repeat.Never),
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.ProxyTunnelError or HttpRequestError.SecureConnectionError,
        }
            or OperationCanceledException { InnerException: TimeoutException } => new Attempt(null, failure, null, Repeat.WhenConnected),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } when request.IsRead => new Attempt(null, failure, null, Repeat.Never),
        _ => new Attempt(null, failure, null, request.IsIdempotent ? Repeat.WhenConnected : Repeat.Never) { IsLost = !request.IsRead },
    };

    private static Problem ProblemOf(Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException } => Problems.CertificateNotTrusted,
        HttpRequestException { HttpRequestError: HttpRequestError.UserAuthenticationError } => Problems.SignInRefused,
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => Problems.AnswerUnreadable,
        OperationCanceledException { InnerException: not TimeoutException } => Problems.NoAnswerInTime,
        _ => Problems.ServerUnreachable,
    };

    private string Describe(Attempt attempt, Uri address) => attempt switch
    {
        { Response: { } response } => $"{address.Authority} answered {RestError.Read(response).Status}",
        { Failure: OperationCanceledException { InnerException: not TimeoutException } } => $"{address.Authority} did not answer within {Seconds(options.AttemptTimeout)}",
        { Failure: HttpRequestException { InnerException: AuthenticationException inner } } => $"the certificate of {address.Authority} is not accepted ({inner.Message})",
        { Failure: { } failure } => $"{address.Authority}: {(failure.InnerException ?? failure).Message.TrimEnd('.')}",
        _ => $"{address.Authority} gave no answer",
    };

    private static string Seconds(TimeSpan span) => $"{(long)span.TotalSeconds} s";

    /// <summary>What came of one attempt.</summary>
    private sealed record Attempt(RestResponse? Response, Exception? Failure, TimeSpan? RetryAfter, Repeat Repeat)
    {
        /// <summary>Whether a write may have happened or not.</summary>
        public bool IsLost { get; init; }
    }

    private enum Repeat
    {
        Never,
        WhenServerHasTime,
        WhenConnected,
    }
}
