using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>
/// The public surface of Koopman.Core is the one in tests/Approved, a line a member. What was changed on purpose is approved by running this test with
/// the variable KOOPMAN_APPROVE set, and committing the file that it writes. (Koopman.CSharp has its own file, PublicAPI.Shipped.txt.)
/// </summary>
public class ApprovedSurfaceTests
{
    private const string ToApprove = "If this was meant: KOOPMAN_APPROVE=1 ./koopman test --filter Approved, and commit tests/Approved/Koopman.Core.txt";

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return $"'{type.Name}";
        if (type.HasElementType)
            return Name(type.GetElementType()!) + (type.IsArray ? $"[{new string(',', type.GetArrayRank() - 1)}]" : "&");
        var outer = type.DeclaringType is { } declaring ? $"{Name(declaring)}." : $"{type.Namespace}.";
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var own = type.GetGenericArguments().Skip(inherited).Select(Name).ToArray();
        return outer + type.Name.Split('`')[0] + (own.Length > 0 ? $"<{string.Join(", ", own)}>" : "");
    }

    private static bool IsVisible(MethodBase? method) => method is { } known && (known.IsPublic || known.IsFamily || known.IsFamilyOrAssembly);

    // Equality, comparison and printing of records and unions; but not their cases, which F# marks too.
    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute)) && !member.IsDefined(typeof(CompilationMappingAttribute));

    private static string Modifiers(MethodBase method) =>
        (method.IsFamily ? "protected " : "") + (method.IsStatic ? "static " : "") + (method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "");

    /// <summary>The parameters, in the groups in which a curried function takes them.</summary>
    private static string Parameters(MethodBase method)
    {
        var all = method.GetParameters().Select(parameter => $"{parameter.Name}: {Name(parameter.ParameterType)}").ToArray();
        var groups = method.GetCustomAttribute<CompilationArgumentCountsAttribute>()?.Counts.ToArray() ?? [all.Length];
        var starts = groups.Select((_, group) => groups.Take(group).Sum());
        return string.Join(' ', starts.Zip(groups, (start, count) => $"({string.Join(", ", all.Skip(start).Take(count))})"));
    }

    private static IEnumerable<string> Members(Type type)
    {
        var name = Name(type);
        foreach (var constructor in type.GetConstructors(Declared).Where(IsVisible))
            yield return $"{name} new {Parameters(constructor)}";
        foreach (var method in type.GetMethods(Declared).Where(method => IsVisible(method) && !method.IsSpecialName && !IsGenerated(method)))
        {
            var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{name} {Modifiers(method)}{method.Name}{generic} {Parameters(method)} : {Name(method.ReturnType)}";
        }

        foreach (var property in type.GetProperties(Declared).Where(property => !IsGenerated(property)))
        {
            var accessors = new[] { property.GetMethod, property.SetMethod }.Where(IsVisible).ToArray();
            if (accessors.Length > 0)
                yield return $"{name} {Modifiers(accessors[0]!)}{property.Name}{(property.GetIndexParameters().Length > 0 ? $"[{property.GetIndexParameters().Length}]" : "")} : {Name(property.PropertyType)}{(IsVisible(property.SetMethod) ? " with set" : "")}";
        }

        foreach (var field in type.GetFields(Declared).Where(field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName))
            yield return $"{name} {(field.IsStatic ? "static " : "")}{field.Name} : {Name(field.FieldType)}{(field.IsLiteral ? $" = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}" : "")}";
        foreach (var raised in type.GetEvents(Declared).Where(raised => IsVisible(raised.AddMethod)))
            yield return $"{name} event {raised.Name} : {Name(raised.EventHandlerType!)}";
    }

    private static string Head(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type.IsAbstract && type.IsSealed ? "module" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        var bases = type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? [parent] : Array.Empty<Type>();
        var parents = bases.Concat(type.GetInterfaces().Where(shown => shown.Assembly != typeof(object).Assembly || shown == typeof(IDisposable)));
        return $"{Name(type)} = {kind}{string.Concat(parents.Select(Name).Order(StringComparer.Ordinal).Select(shown => $", {shown}"))}";
    }

    private static string[] Surface(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(type => Members(type).Prepend(Head(type))).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void The_surface_of_the_core_is_the_approved_one()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Koopman.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException("The test has to run inside the repository.");
        var path = Path.Combine(root.FullName, "tests", "Approved", "Koopman.Core.txt");

        var surface = Surface(typeof(KoopmanError).Assembly);
        if (Environment.GetEnvironmentVariable("KOOPMAN_APPROVE") is not null)
            File.WriteAllText(path, string.Join('\n', surface) + "\n");

        var approved = File.Exists(path) ? File.ReadAllLines(path) : [];
        var differences = approved.Except(surface).Select(line => $"- {line}").Concat(surface.Except(approved).Select(line => $"+ {line}")).ToArray();
        Assert.True(differences.Length == 0, $"{string.Join('\n', differences.Take(40))}\n{differences.Length} lines differ. {ToApprove}");
        Assert.Equal(surface, approved);
    }
}
