using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Koopman.Particles;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Types that only F# is at home with stay out of what a C# user meets, in both assemblies.</summary>
public class SurfaceTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Face = typeof(EdmdEstimator).Assembly;

    private static readonly Assembly Core = typeof(KoopmanError).Assembly;

    /// <summary>The types of the face that have a name; extension blocks compile to others.</summary>
    private static Type[] Exported => [.. Face.GetExportedTypes().Where(type => !type.IsNested && !type.IsDefined(typeof(CompilerGeneratedAttribute)))];

    /// <summary>A type with all the types it is written with.</summary>
    private static IEnumerable<Type> Spelled(Type type) =>
        type.HasElementType
            ? Spelled(type.GetElementType()!)
            : type.GetGenericArguments().SelectMany(Spelled).Prepend(type.IsGenericType ? type.GetGenericTypeDefinition() : type);

    private static IEnumerable<Type> Constraints(Type[] arguments) =>
        arguments.Where(argument => argument.IsGenericParameter).SelectMany(parameter => parameter.GetGenericParameterConstraints());

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<Type> Signature(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method.IsGenericMethod ? Constraints(method.GetGenericArguments()) : [])
            .Append(method is MethodInfo called ? called.ReturnType : typeof(void));

    /// <summary>Every type that a user of this type meets, and where. Accessors of properties and events are methods.</summary>
    private static IEnumerable<(string Where, Type Type)> Met(Type type)
    {
        var methods = type.GetConstructors(Everything).Cast<MethodBase>().Concat(type.GetMethods(Everything)).Where(IsVisible);
        var fields = type.GetFields(Everything).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly);
        return methods.SelectMany(method => Signature(method).Select(met => (method.Name, met)))
            .Concat(fields.Select(field => (field.Name, field.FieldType)))
            .Concat(type.GetInterfaces().Append(type.BaseType ?? typeof(object)).Select(parent => ("base", parent)))
            .Concat(Constraints(type.GetGenericArguments()).Select(constraint => ("constraint", constraint)))
            .SelectMany(met => Spelled(met.Item2).Select(spelled => ($"{type.FullName}.{met.Item1}", spelled)));
    }

    private static bool IsForeign(Type type) =>
        (type.FullName ?? "").StartsWith("Microsoft.FSharp.", StringComparison.Ordinal)
        || (type.FullName ?? "").StartsWith("System.Tuple`", StringComparison.Ordinal);

    private static string[] Foreign(IEnumerable<Type> types) =>
        [.. types.SelectMany(Met).Where(met => IsForeign(met.Type)).Select(met => $"{met.Where}: {met.Type.Name}").Distinct()];

    /// <summary>The types of Core that the face takes or gives, with all that their members lead to, and the cases of unions.</summary>
    private static HashSet<Type> Seen()
    {
        var seen = Exported.Append(typeof(KoopmanException)).ToHashSet();
        var before = 0;
        while (before < seen.Count)
        {
            before = seen.Count;
            var met = seen.ToArray().SelectMany(Met).Select(found => found.Type).Where(type => type.Assembly == Core && type.IsVisible && !type.IsGenericParameter);
            seen.UnionWith(met);
            seen.UnionWith(seen.Where(type => type.Assembly == Core).SelectMany(type => type.GetNestedTypes()).ToArray());
        }

        return seen;
    }

    [Fact]
    public void No_fsharp_type_is_met_by_a_csharp_user() => Assert.Empty(Foreign(Seen()));

    [Fact]
    public void What_a_csharp_user_meets_of_the_core_are_its_nouns()
    {
        var nouns = Seen().Where(type => type.Assembly == Core && !type.IsNested).Select(type => type.Name).ToHashSet();
        string[] some = ["Samples", "SnapshotPairs", "Trajectories", "Observables", "Kernel", "Spectrum", "Mode", "Generator", "Propagator", "LinearModel", "ParticleField", "VelocityField", "LinearFlow", "LatentMap"];
        Assert.Superset(some.ToHashSet(), nouns);
        // Functions, options and results are met in modules only, which F# opens and the face calls.
        Assert.DoesNotContain(nouns, name => name.EndsWith("Module", StringComparison.Ordinal) || name.EndsWith("Options", StringComparison.Ordinal));
    }

    [Fact]
    public void The_search_finds_them_where_they_are()
    {
        var found = Foreign([typeof(SnapshotPairsModule), typeof(Edmd), typeof(ParticleFlow)]);
        Assert.Contains(found, met => met.Contains("SnapshotPairsModule.temperature") && met.Contains("FSharpOption"));
        Assert.Contains(found, met => met.Contains("FSharpResult"));
        Assert.Contains(Foreign([typeof(Control<int>)]), met => met.Contains("FSharpFunc"));
    }

    [Fact]
    public void Both_assemblies_share_one_namespace_and_no_name()
    {
        Assert.All(Exported, type => Assert.Equal("Koopman", type.Namespace));
        Assert.Empty(Exported.Select(type => type.FullName).Intersect(Core.GetExportedTypes().Select(type => type.FullName)));
    }

    [Fact]
    public void Every_type_is_sealed_or_meant_to_be_derived_from()
    {
        // A class with an abstract member of the library's own is closed to others.
        static bool IsClosed(Type type) =>
            type.GetMethods(BindingFlags.Instance | BindingFlags.NonPublic).Any(method => method.IsAbstract && method.IsAssembly);

        var open = Exported.Where(type => type.IsClass && !type.IsSealed && !IsClosed(type)).Select(type => type.Name);
        Assert.Equal(["UserObservables"], open);
        Assert.True(Exported.Length < 90, $"{Exported.Length} names");
    }

    [Fact]
    public void Every_type_that_holds_tensors_is_disposed_of_by_a_method()
    {
        var held = Seen().Where(type => type.Assembly == Core && type.IsClass && typeof(IDisposable).IsAssignableFrom(type));
        Assert.All(held, type => Assert.True(type.GetMethod("Dispose", Type.EmptyTypes) is not null, type.FullName));
    }
}
