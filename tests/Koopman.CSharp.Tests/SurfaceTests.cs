using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Xunit;
using Koopman.Particles;

namespace Koopman.CSharp.Tests;

/// <summary>Types that only F# is at home with stay out of the public surface.</summary>
public class SurfaceTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

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

    [Fact]
    public void No_fsharp_type_is_met_by_a_csharp_user()
    {
        var exported = typeof(SampleSet).Assembly.GetExportedTypes();
        // What the face hands out of Core, or throws, is part of it, with what that hands out.
        var seen = exported.Append(typeof(KoopmanException)).ToHashSet();
        var before = 0;
        while (before < seen.Count)
        {
            before = seen.Count;
            seen.UnionWith(seen.ToArray().SelectMany(Met).Select(met => met.Type).Where(type => type.Assembly == typeof(KoopmanError).Assembly));
        }

        Assert.Empty(Foreign(seen));
        string[] expected = ["Activation", "AutoencoderOutput", "Complement", "DictionaryLoss", "DmdMethod", "ErrorKind", "KoopmanError", "KoopmanException", "MapScaling", "PseudospectrumKind", "VampScore", "WarningKind"];
        Assert.Equal(expected, seen.Except(exported).Select(type => type.Name).Order());
    }

    [Fact]
    public void The_search_finds_them_where_they_are()
    {
        var found = Foreign([typeof(SnapshotPairs), typeof(Edmd), typeof(SpectralFlow)]);
        Assert.Contains(found, met => met.Contains("SnapshotPairs.get_Temperature") && met.Contains("FSharpOption"));
        Assert.Contains(found, met => met.Contains("FSharpResult"));
        Assert.Contains(Foreign([typeof(Control<int>)]), met => met.Contains("FSharpFunc"));
    }

    [Fact]
    public void Both_faces_can_be_open_at_once()
    {
        static IEnumerable<string> Names(Assembly assembly, string space) =>
            assembly.GetExportedTypes().Where(type => type.Namespace == space).Select(type => type.Name);

        Assert.Empty(Names(typeof(SampleSet).Assembly, "Koopman.CSharp").Intersect(Names(typeof(Samples).Assembly, "Koopman")));
    }

    [Fact]
    public void Every_type_is_sealed_or_meant_to_be_derived_from()
    {
        var open = typeof(SampleSet).Assembly.GetExportedTypes().Where(type => type.IsClass && !type.IsSealed).Select(type => type.Name);
        Assert.Equal(["ObservableSet"], open);
    }
}
