using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace MdbDeploy.Rendering;

/// <summary>A text that a template wants written as it is: <c>{{ x | raw }}</c>.</summary>
/// <param name="Text">The text.</param>
internal sealed record RawText(string Text);

/// <summary>A secret of the tenant. Writing it marks the artifact as sensitive.</summary>
/// <param name="value">The secret.</param>
internal sealed class SecretText(string value)
{
    /// <summary>The secret itself, for the escaper only.</summary>
    public string Reveal() => value;

    /// <summary>Never the secret.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>
/// Where a template runs: it sees the model and pure functions, nothing of the machine; everything it writes is escaped for the file it renders; loops,
/// recursion and output are bounded.
/// </summary>
internal sealed class TemplateSandbox : TemplateContext
{
    // A runaway template must end in seconds; 40 million steps are about 20 times what a fleet of two million devices needs.
    private const long MaxSteps = 40_000_000;
    private const int MaxOutput = 1 << 30;

    private readonly Func<string, string> escape;
    private long steps;

    /// <summary>Creates a sandbox for one rendering.</summary>
    /// <param name="model">What the template sees. Script objects only, never live .NET objects.</param>
    /// <param name="escape">The escaper of the rendered file.</param>
    /// <param name="loader">Finds templates named by <c>include</c>; null refuses them.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    public TemplateSandbox(ScriptObject model, Func<string, string> escape, ITemplateLoader? loader, CancellationToken cancellationToken)
        : base(SafeBuiltins.Create())
    {
        this.escape = escape;
        StrictVariables = true;
        EnableRelaxedMemberAccess = false;
        EnableRelaxedIndexerAccess = false;
        EnableRelaxedTargetAccess = false;
        EnableRelaxedFunctionAccess = false;
        LimitToString = 0;
        OutputLimit = MaxOutput;
        OnOutputLimit = ScriptLimitBehavior.Throw;
        LoopLimit = 0;
        LoopLimitQueryable = 0;
        RecursiveLimit = 50;
        ObjectRecursionLimit = 20;
        RegexTimeOut = TimeSpan.FromSeconds(1);
        NewLine = "\n";
        TemplateLoader = loader;
        CancellationToken = cancellationToken;
        PushGlobal(model);
        // What a template assigns stays its own.
        PushGlobal(new ScriptObject());
    }

    /// <summary>Whether a secret was written.</summary>
    public bool WroteSecret { get; private set; }

    /// <summary>Called for every <c>{{ }}</c>, not for the template's own text.</summary>
    public override TemplateContext Write(SourceSpan span, object? value)
    {
        switch (value)
        {
            case null:
                return this;
            case RawText raw:
                return Write(raw.Text);
            case SecretText secret:
                WroteSecret = true;
                return Write(Escape(span, secret.Reveal()));
            default:
                return Write(Escape(span, ObjectToString(value) ?? ""));
        }
    }

    /// <summary>Counts the steps of all loops together, so that nested endless loops end too.</summary>
    protected override bool OnStepLoop(ScriptLoopStatementBase loop)
    {
        if (++steps > MaxSteps)
        {
            throw new ScriptRuntimeException(loop.Span, $"the template took more than {MaxSteps:N0} loop steps and was stopped");
        }

        return base.OnStepLoop(loop);
    }

    private string Escape(SourceSpan span, string text)
    {
        try
        {
            return escape(text);
        }
        catch (FormatException refused)
        {
            throw new ScriptRuntimeException(span, refused.Message);
        }
    }
}
