using System.Collections.Generic;
using TorchSharp.Interop;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Functions of all parameters together.</summary>
            public static class utils
            {
                /// <summary>Scales the gradients down so that their joint norm is at most <paramref name="max_norm"/>.</summary>
                /// <returns>The norm they had; 0 when there are none.</returns>
                public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
                {
                    using var list = new TensorList(tensors);
                    Check(kt_clip_grad_norm(list.Pointers, list.Count, max_norm, norm_type, out var norm));
                    return norm;
                }

                /// <summary>Cuts every element of the gradients to ± <paramref name="clip_value"/>.</summary>
                public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
                {
                    foreach (var parameter in tensors) Check(kt_clip_grad_value(parameter.H_, clip_value));
                }

                /// <summary>All parameters end to end, (total size); recorded in the graph.</summary>
                public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
                {
                    using var list = new TensorList(tensors);
                    return Take(kt_parameters_to_vector(list.Pointers, list.Count));
                }

                /// <summary>Cuts a vector (total size) into the parameters, which share its storage afterwards.</summary>
                public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
                {
                    using var list = new TensorList(tensors);
                    Check(kt_vector_to_parameters(Of(vec), list.Pointers, list.Count));
                }
            }
        }
    }
}
