using System;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A module without parameters.</summary>
        public interface IParameterLessModule { }

        /// <summary>A module with nothing to train and nothing to move.</summary>
        public abstract class ParameterLessModule<T1, TResult> : torch.nn.Module<T1, TResult>, IParameterLessModule
        {
            /// <summary>Names the module.</summary>
            protected ParameterLessModule(string name) : base(name) { }

            /// <summary>Refuses: there are no buffers here.</summary>
            public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
                throw new InvalidOperationException("A module without parameters has no buffers.");

            /// <summary>Refuses: there are no parameters here.</summary>
            public override void register_parameter(string name, Parameter param) =>
                throw new InvalidOperationException("A module without parameters cannot register one.");

            /// <summary>Registers a module below this one, which must have no parameters either.</summary>
            public override void register_module(string name, torch.nn.Module submodule)
            {
                if (submodule is not IParameterLessModule)
                    throw new InvalidOperationException("The modules below a module without parameters must have none either.");
                base.register_module(name, submodule);
            }
        }

        /// <summary>A module with nothing to train and nothing to move.</summary>
        public abstract class ParameterLessModule<T1, T2, TResult> : torch.nn.Module<T1, T2, TResult>, IParameterLessModule
        {
            /// <summary>Names the module.</summary>
            protected ParameterLessModule(string name) : base(name) { }

            /// <summary>Refuses: there are no buffers here.</summary>
            public override void register_buffer(string name, torch.Tensor tensor, bool persistent = true) =>
                throw new InvalidOperationException("A module without parameters has no buffers.");

            /// <summary>Refuses: there are no parameters here.</summary>
            public override void register_parameter(string name, Parameter param) =>
                throw new InvalidOperationException("A module without parameters cannot register one.");

            /// <summary>Registers a module below this one, which must have no parameters either.</summary>
            public override void register_module(string name, torch.nn.Module submodule)
            {
                if (submodule is not IParameterLessModule)
                    throw new InvalidOperationException("The modules below a module without parameters must have none either.");
                base.register_module(name, submodule);
            }
        }
    }
}
