using MdbDeploy.Diagnostics;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace MdbDeploy.Rendering;

/// <summary>The templates of one channel: parsed once, and found by <c>include</c> within the channel's own folder only.</summary>
internal sealed class TemplateSet(Channel channel, CancellationToken cancellationToken) : ITemplateLoader
{
    private static readonly ParserOptions Options = new() { ExpressionDepthLimit = 100 };

    private readonly Dictionary<string, Template> parsed = new(StringComparer.Ordinal);

    /// <summary>Renders a template of the folder.</summary>
    /// <exception cref="TemplateProblem">The template is not valid or failed.</exception>
    public (string Text, bool WroteSecret) Render(string template, ScriptObject model, Func<string, string> escape)
    {
        if (!parsed.TryGetValue(template, out var ready))
        {
            ready = Parse(channel.Templates[template], $"templates/{channel.Folder}/{template}");
            parsed.Add(template, ready);
        }

        return Run(ready, model, escape);
    }

    /// <summary>Renders a line of channel.yaml, such as a path.</summary>
    /// <exception cref="TemplateProblem">The line is not valid or failed.</exception>
    public string RenderLine(string text, int line, ScriptObject model, Func<string, string> escape)
    {
        try
        {
            return Run(Parse(text, channel.File), model, escape).Text;
        }
        catch (TemplateProblem problem)
        {
            // The column counts within the value; the line is that of the entry.
            throw new TemplateProblem(problem.Diagnostic with { Where = new Location(channel.File, line) });
        }
    }

    string ITemplateLoader.GetPath(TemplateContext context, SourceSpan callerSpan, string templateName) => $"templates/{channel.Folder}/{templateName}";

    string? ITemplateLoader.Load(TemplateContext context, SourceSpan callerSpan, string templatePath) =>
        channel.Templates.GetValueOrDefault(templatePath[$"templates/{channel.Folder}/".Length..])
        ?? throw new ScriptRuntimeException(callerSpan, $"there is no template '{templatePath}'");

    ValueTask<string?> ITemplateLoader.LoadAsync(TemplateContext context, SourceSpan callerSpan, string templatePath) =>
        ValueTask.FromResult(((ITemplateLoader)this).Load(context, callerSpan, templatePath));

    private static Template Parse(string text, string file)
    {
        var template = Template.Parse(text, file, Options);
        if (template.HasErrors)
        {
            var error = template.Messages.First(m => m.Type == ParserMessageType.Error);
            throw new TemplateProblem(Problems.TemplateSyntax.At(Where(error.Span), $"{error.Message.TrimEnd('.')}."));
        }

        return template;
    }

    private (string Text, bool WroteSecret) Run(Template template, ScriptObject model, Func<string, string> escape)
    {
        var sandbox = new TemplateSandbox(model, escape, this, cancellationToken);
        try
        {
            return (template.Render(sandbox), sandbox.WroteSecret);
        }
        catch (ScriptAbortException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ScriptRuntimeException failed)
        {
            throw new TemplateProblem(Problems.TemplateFailed.At(Where(failed.Span), $"{failed.OriginalMessage.TrimEnd('.')}."));
        }
    }

    private static Location Where(SourceSpan span) => new(span.FileName, span.Start.Line + 1, span.Start.Column + 1);
}

/// <summary>A template is not valid or failed while it ran.</summary>
internal sealed class TemplateProblem(Diagnostic diagnostic) : Exception(diagnostic.Message)
{
    /// <summary>What is wrong, with template, line and column.</summary>
    public Diagnostic Diagnostic { get; } = diagnostic;
}
