using System.Security.Authentication;
using System.Text.Json.Nodes;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Http;
using static MdbDeploy.Tests.Targets.Http.Scripted;

namespace MdbDeploy.Tests.Targets.Http;

public sealed class RestClientRetries
{
    private static readonly RestRequest Read = RestRequest.Get("groups");
    private static readonly RestRequest Write = new(HttpMethod.Post, "groups", new JsonObject { ["displayName"] = "x" });

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(408)]
    [InlineData(502)]
    public async Task A_read_is_repeated_while_the_server_is_busy(int status)
    {
        var server = new Scripted(Answer(status), Answer(status), Answer(200, """{"a":1}"""));
        using var client = Client(server);

        var response = await server.Run(client.SendAsync(Read, Cancel));

        response.Status.ShouldBe(200);
        response.AsObject()["a"]!.GetValue<int>().ShouldBe(1);
        server.Requests.Count.ShouldBe(3);
        (client.Trace.Reads, client.Trace.Writes, client.Trace.Repetitions).ShouldBe((3, 0, 2));
    }

    [Fact]
    public async Task Retry_after_in_seconds_is_waited_for()
    {
        var server = new Scripted(Answer(429, retryAfter: "17"), Answer(200));
        using var client = Client(server);

        await server.Run(client.SendAsync(Write, Cancel));

        (server.Requests[1].At - server.Requests[0].At).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(17));
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_waited_for()
    {
        var server = new Scripted(Answer(503, retryAfter: "Mon, 23 Nov 2026 12:00:42 GMT"), Answer(200));
        using var client = Client(server);

        await server.Run(client.SendAsync(Write, Cancel));

        server.Requests[1].At.ShouldBeGreaterThanOrEqualTo(new(2026, 11, 23, 12, 0, 42, default));
    }

    [Fact]
    public async Task Without_retry_after_the_delays_grow()
    {
        var server = new Scripted(Answer(429));
        using var client = Client(server);

        var response = await server.Run(client.SendAsync(Write, Cancel));

        response.Status.ShouldBe(429);
        server.Requests.Count.ShouldBe(9);
        var delays = server.Requests.Zip(server.Requests.Skip(1), (a, b) => b.At - a.At).ToList();
        delays.ShouldAllBe(d => d > TimeSpan.Zero);
        delays[^1].ShouldBeGreaterThan(delays[0]);
        Should.Throw<TargetException>(() => response.EnsureSuccess()).Diagnostic.Code.ShouldBe("MDB0755");
    }

    [Fact]
    public async Task Nobody_waits_for_longer_than_the_deadline()
    {
        var server = new Scripted(Answer(429, retryAfter: "86400"), Answer(200));
        using var client = Client(server);

        var response = await server.Run(client.SendAsync(Read, Cancel));

        response.Status.ShouldBe(429);
        server.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("Mon, 23 Nov 2020 12:00:42 GMT")]
    [InlineData("")]
    [InlineData(null)]
    public void Retry_after_that_says_nothing_useful_is_ignored(string? header) =>
        RestResponse.RetryAfter(header, new(2026, 11, 23, 12, 0, 0, default)).ShouldBeNull();

    [Theory]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(502)]
    [InlineData(408)]
    public async Task A_write_that_a_gateway_gave_up_on_is_not_repeated(int status)
    {
        var server = new Scripted(Answer(status), Answer(200));
        using var client = Client(server);

        var lost = await Should.ThrowAsync<LostAnswerException>(server.Run(client.SendAsync(Write, Cancel)));

        lost.Diagnostic.Code.ShouldBe("MDB0759");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_write_whose_connection_broke_is_not_repeated()
    {
        var server = new Scripted(Fail(HttpRequestError.ResponseEnded), Answer(200));
        using var client = Client(server);

        await Should.ThrowAsync<LostAnswerException>(server.Run(client.SendAsync(Write, Cancel)));

        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_write_that_never_left_is_repeated()
    {
        var server = new Scripted(Fail(HttpRequestError.ConnectionError), Fail(HttpRequestError.NameResolutionError), Answer(201));
        using var client = Client(server);

        (await server.Run(client.SendAsync(Write, Cancel))).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_post_that_only_asks_is_repeated_like_a_read()
    {
        var server = new Scripted(Fail(HttpRequestError.ResponseEnded), Answer(504), Answer(200));
        using var client = Client(server);

        (await server.Run(client.SendAsync(Write with { IsRead = true, Operations = 20 }, Cancel))).Status.ShouldBe(200);

        (client.Trace.Reads, client.Trace.Writes).ShouldBe((60, 0));
    }

    [Fact]
    public async Task A_write_that_may_be_done_twice_is_repeated_and_stays_a_write()
    {
        var server = new Scripted(Fail(HttpRequestError.ResponseEnded), Answer(504), Answer(200));
        using var client = Client(server);

        (await server.Run(client.SendAsync(Write with { IsIdempotent = true }, Cancel))).Status.ShouldBe(200);

        (client.Trace.Reads, client.Trace.Writes).ShouldBe((0, 3));
    }

    [Fact]
    public async Task A_write_that_may_be_done_twice_is_lost_when_no_answer_ever_comes()
    {
        var server = new Scripted(Fail(HttpRequestError.ResponseEnded));
        using var client = Client(server);

        await Should.ThrowAsync<LostAnswerException>(server.Run(client.SendAsync(Write with { IsIdempotent = true }, Cancel)));

        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_given_up_soon()
    {
        var server = new Scripted(Fail(HttpRequestError.ConnectionError, new IOException("Connection refused")));
        using var client = Client(server);

        var error = await Should.ThrowAsync<TargetException>(server.Run(client.SendAsync(Read, Cancel)));

        error.Diagnostic.Code.ShouldBe("MDB0751");
        error.Message.ShouldContain("Connection refused");
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_not_tried_again()
    {
        var server = new Scripted(Fail(HttpRequestError.SecureConnectionError, new AuthenticationException("UntrustedRoot")));
        using var client = Client(server);

        var error = await Should.ThrowAsync<TargetException>(server.Run(client.SendAsync(Write, Cancel)));

        error.Diagnostic.Code.ShouldBe("MDB0752");
        error.Diagnostic.Advice.ShouldContain("caFile");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_keeps_silent_is_left_after_the_attempts_it_was_given()
    {
        var server = new Scripted(Silence());
        using var client = Client(server, new() { BaseAddress = Base, AttemptTimeout = TimeSpan.FromSeconds(10), TotalTimeout = TimeSpan.FromHours(2) });

        var error = await Should.ThrowAsync<TargetException>(server.Run(client.SendAsync(Read, Cancel)));

        error.Diagnostic.Code.ShouldBe("MDB0756");
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_write_that_gets_no_answer_is_lost_after_one_attempt()
    {
        var server = new Scripted(Silence());
        using var client = Client(server);

        await Should.ThrowAsync<LostAnswerException>(server.Run(client.SendAsync(Write, Cancel)));

        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_deadline_ends_everything()
    {
        var server = new Scripted(Silence());
        using var client = Client(server, new() { BaseAddress = Base, AttemptTimeout = TimeSpan.FromHours(1), TotalTimeout = TimeSpan.FromSeconds(30) });

        var error = await Should.ThrowAsync<TargetException>(server.Run(client.SendAsync(Read, Cancel)));

        error.Diagnostic.Code.ShouldBe("MDB0756");
        error.Message.ShouldContain("within 30 s");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelling_ends_a_read_and_the_waiting_but_not_a_write_on_its_way()
    {
        using var cancelled = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var server = new Scripted(async (request, token) =>
        {
            await cancelled.CancelAsync();
            await release.Task.WaitAsync(token);
            return await Answer(201)(request, token);
        });
        using var client = Client(server);

        var write = client.SendAsync(Write, cancelled.Token);
        write.IsCompleted.ShouldBeFalse();
        release.SetResult();

        (await write).Status.ShouldBe(201);
        await Should.ThrowAsync<OperationCanceledException>(client.SendAsync(Read, cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(client.SendAsync(Write, cancelled.Token));
        server.Requests.Count.ShouldBe(1);
    }

    internal static readonly Uri Base = new("https://graph.test/beta/");

    internal static RestClient Client(Scripted server, RestOptions? options = null) => new(options ?? new() { BaseAddress = Base }, server, server.Time);
}
