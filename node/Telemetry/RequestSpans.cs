using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// Completes the spans of requests by OpenTelemetry's conventions: ASP.NET Core 10 leaves out the status, and the name is
/// that of its own event. Part of the pipeline only when an exporter is configured. A name that a room gave stays.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    private const string Unnamed = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
    private const int ServerErrors = 500;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(CompleteAsync);
        next(app);
    };

    private static async Task CompleteAsync(HttpContext context, RequestDelegate next)
    {
        // When this throws the host marks the span as failed, and the status is not decided yet.
        await next(context);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } activity)
        {
            return;
        }

        var status = context.Response.StatusCode;
        activity.SetTag("http.response.status_code", status);
        if (status >= ServerErrors && activity.Status == ActivityStatusCode.Unset)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (route is not null)
        {
            activity.SetTag("http.route", route);
        }

        if (activity.DisplayName == Unnamed)
        {
            activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        }
    }
}
