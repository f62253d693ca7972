using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using TorchSharp;

namespace Koopman.LibTorch.Tests
{
    /// <summary>The public surface of the binding in the notation of Approved/torchsharp-0.106.0.txt, one member a line.</summary>
    internal static class Surface
    {
        private const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

        private static readonly Dictionary<Type, string> Keywords = new()
        {
            [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool",
            [typeof(int)] = "int", [typeof(long)] = "long", [typeof(float)] = "float", [typeof(double)] = "double",
            [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
            [typeof(decimal)] = "decimal",
        };

        /// <summary>Every type and member, sorted. Overrides are left out: they add nothing that a program could call.</summary>
        internal static SortedSet<string> Lines(Assembly assembly)
        {
            var lines = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var type in assembly.GetExportedTypes())
            {
                lines.Add(TypeLine(type));
                foreach (var line in type.GetMembers(Declared).Select(member => MemberLine(type, member)).OfType<string>()) lines.Add(line);
            }

            return lines;
        }

        private static string TypeLine(Type type)
        {
            var kind = type.IsEnum ? "enum"
                : type.IsInterface ? "interface"
                : type.IsValueType ? "struct"
                : type.IsAbstract && type.IsSealed ? "static class"
                : type.IsAbstract ? "abstract class"
                : "class";
            var parent = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate)
                ? " : " + Name(b)
                : "";
            return $"type {Name(type)}{parent} [{kind}]";
        }

        private static string? MemberLine(Type type, MemberInfo member) => member switch
        {
            ConstructorInfo constructor => type.IsInterface ? null : $"{Name(type)}.ctor({Parameters(constructor)})",
            MethodInfo method => Method(type, method),
            PropertyInfo property => Property(type, property),
            FieldInfo field => Field(type, field),
            _ => null,
        };

        private static string? Method(Type type, MethodInfo method)
        {
            if (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)) return null;
            if (method.GetBaseDefinition() != method) return null;
            var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
            return $"{Name(type)}.{method.Name}{generic}({Parameters(method)}) : {Name(method.ReturnType)}{(method.IsStatic ? " [static]" : "")}";
        }

        private static string? Property(Type type, PropertyInfo property)
        {
            var (get, set) = (property.GetGetMethod(), property.GetSetMethod());
            var accessor = get ?? set;
            if (accessor is null || accessor.GetBaseDefinition() != accessor) return null;
            var index = property.GetIndexParameters();
            var brackets = index.Length == 0 ? "" : $"[{string.Join(", ", index.Select(Parameter))}]";
            var accessors = (get is null ? "" : "get; ") + (set is null ? "" : "set; ");
            return $"{Name(type)}.{property.Name}{brackets} : {Name(property.PropertyType)} {{ {accessors}}}";
        }

        private static string? Field(Type type, FieldInfo field)
        {
            if (type.IsEnum)
                return field.IsLiteral ? $"{Name(type)}.{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}" : null;
            return $"{Name(type)}.{field.Name} : {Name(field.FieldType)} [field{(field.IsStatic ? " static" : "")}]";
        }

        private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

        private static string Parameter(ParameterInfo parameter)
        {
            var prefix = parameter.IsOut ? "out "
                : parameter.ParameterType.IsByRef ? "ref "
                : parameter.GetCustomAttribute<ParamArrayAttribute>() is not null ? "params "
                : "";
            var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
            return $"{prefix}{Name(type)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Default(parameter.RawDefaultValue) : "")}";
        }

        private static string Default(object? value) => value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            bool truth => truth ? "True" : "False",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };

        /// <summary>
        /// A type as the list writes it: relative to TorchSharp and torch, tuples and nullables as in C#, and only the bare name where
        /// reflection has no full name (a generic type over the parameters of another).
        /// </summary>
        private static string Name(Type type)
        {
            if (Keywords.TryGetValue(type, out var keyword)) return keyword;
            if (type.IsGenericParameter) return type.Name;
            if (type.IsArray) return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
            if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
            var arguments = type.GetGenericArguments();
            if (type.Namespace == "System" && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
                return $"({string.Join(", ", arguments.Select(Name))})";
            var name = type.IsGenericType && type.FullName is null ? type.Name : FullName(type);
            return arguments.Length == 0 ? name : $"{WithoutArity(name)}<{string.Join(", ", arguments.Select(Name))}>";
        }

        private static string FullName(Type type)
        {
            var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
            if (definition.Namespace is "System" or "System.Collections.Generic") return definition.Name;
            var name = string.Join('.', definition.FullName!.Split('+').Select(WithoutArity));
            if (definition == typeof(torch)) return "torch";
            foreach (var prefix in new[] { "TorchSharp.torch.", "TorchSharp." })
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal)) return name[prefix.Length..];
            }

            return name;
        }

        private static string WithoutArity(string name)
        {
            var tick = name.IndexOf('`');
            return tick < 0 ? name : name[..tick];
        }
    }
}
