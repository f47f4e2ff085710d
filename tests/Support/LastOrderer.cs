using Xunit.Abstractions;
using Xunit.Sdk;

namespace Athens.Federation.Tests.Support;

/// <summary>Tests that wait for what has begun with their class come last in it.</summary>
public sealed class LastOrderer : ITestCaseOrderer
{
    public const string Name = "Athens.Federation.Tests.Support.LastOrderer";

    public const string Assembly = "Athens.Federation.Tests";

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase =>
        testCases.OrderBy(static test => test.TestMethod.Method.GetCustomAttributes(typeof(LastAttribute)).Any());
}

/// <summary>To be run when the other tests of its class have been.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LastAttribute : Attribute;
