using System;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text;

namespace TorchSharp
{
    public static partial class torch
    {
        private static TensorStringStyle style = TensorStringStyle.Julia;

        /// <summary>The style in which tensors are written out when none is named; it cannot be Default.</summary>
        public static TensorStringStyle TensorStringStyle
        {
            get => style;
            set => style = value == TensorStringStyle.Default
                ? throw new ArgumentException("Default stands for the style set here, so it cannot be that style itself.", nameof(value))
                : value;
        }

        // Tensors as text.
        public partial class Tensor
        {
            // Of longer dimensions only the first and the last positions are written.
            private const int Edge = 5;

            /// <summary>Shape, type and device, such as <c>[2x3], type = Float64, device = cpu</c>.</summary>
            public override string ToString() => IsInvalid ? "[disposed]" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

            /// <summary>The elements too when disamb is true.</summary>
            public string ToString(
                bool disamb, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null) =>
                disamb ? ToString(TensorStringStyle, fltFormat, width, cultureInfo, newLine) : ToString();

            /// <summary>The tensor in a style: rows in brackets for all but Metadata; Julia's and C#'s have shape and type above them.</summary>
            public string ToString(
                TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null)
            {
                if (style == TensorStringStyle.Default) style = TensorStringStyle;
                if (style == TensorStringStyle.Metadata) return ToString();
                var lineEnd = newLine ?? Environment.NewLine;
                var text = new StringBuilder();
                if (style != TensorStringStyle.Numpy) text.Append(ToString()).Append(lineEnd);
                using var plain = NewDisposeScope();
                var elements = detach().cpu().resolve_conj().resolve_neg().contiguous();
                Write(text, elements, 0, fltFormat ?? "g5", cultureInfo ?? CultureInfo.InvariantCulture, lineEnd);
                return text.ToString();
            }

            private static void Write(StringBuilder text, Tensor part, int depth, string format, CultureInfo culture, string lineEnd)
            {
                if (part.ndim == 0)
                {
                    text.Append(Text(part.ToScalar(), format, culture));
                    return;
                }

                var length = part.shape[0];
                var between = part.ndim == 1 ? ", " : lineEnd + new string(' ', depth + 1);
                var positions = length <= 2 * Edge
                    ? Enumerable.Range(0, (int)length).Select(i => (long)i)
                    : Enumerable.Range(0, Edge).Select(i => (long)i).Append(-1).Concat(Enumerable.Range(0, Edge).Select(i => length - Edge + i));
                text.Append('[');
                var first = true;
                foreach (var position in positions)
                {
                    if (!first) text.Append(between);
                    first = false;
                    if (position < 0) text.Append("...");
                    else Write(text, part.select(0, position), depth + 1, format, culture, lineEnd);
                }

                text.Append(']');
            }

            private static string Text(Scalar number, string format, CultureInfo culture) => number.Type switch
            {
                ScalarType.Bool => number.ToBoolean() ? "true" : "false",
                ScalarType.Int64 => number.ToInt64().ToString(culture),
                ScalarType.ComplexFloat64 => Text(number.ToComplexFloat64(), format, culture),
                _ => number.ToDouble().ToString(format, culture),
            };

            private static string Text(Complex z, string format, CultureInfo culture) =>
                z.Real.ToString(format, culture) + (z.Imaginary < 0 ? "-" : "+") + Math.Abs(z.Imaginary).ToString(format, culture) + "i";
        }
    }
}
